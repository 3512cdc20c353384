#include "tools/taus_bench_centre.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taus::bench {
namespace {

constexpr int start_milliseconds_max = 600'000;
constexpr std::size_t pipelined = 200;

Error refused(api::Response::Reader reply) {
  return Error(ErrorCode::invalid_argument,
               "the daemon refused while clients were made: " + std::string(reply.getError().getMessage().cStr()));
}

void fill_booking(std::size_t number, api::BookingForm::Builder form) {
  form.setName("Kari Eksempel " + std::to_string(number));
  form.setEmail("kari" + std::to_string(number) + "@example.no");
  form.setPhone("+47" + std::to_string(90'000'000 + number));
  form.setMunicipalityCode("3905");
  form.setAgeYears(34);
  form.initFocusAreas(1).set(0, "yrkesvalg");
  auto consent = form.initConsent();
  consent.setNotice("VT-2022-09-15");
  consent.setAct(schema::ConsentAct::CHECKBOX);
  consent.setLanguage("nb");
}

// Reads the daemon's standard output up to its first line. false: it ended without one.
bool said_ready(int output) {
  std::string line;
  for (char c = 0; c != '\n'; line.push_back(c)) {
    pollfd waiting{.fd = output, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, start_milliseconds_max) <= 0 || ::read(output, &c, 1) != 1) return false;
  }
  return line.starts_with("ready ");
}

}  // namespace

Result<void> each(tools::Client& client, std::size_t count, const std::function<void(std::size_t, api::Request::Builder)>& ask,
                  const std::function<void(std::size_t, api::Response::Reader)>& take) {
  std::size_t sent = 0;
  for (std::size_t done = 0; done < count; ++done) {
    if (sent == done) {
      for (; sent < std::min(count, done + pipelined); ++sent) {
        capnp::MallocMessageBuilder message;
        auto request = message.initRoot<api::Request>();
        request.setId(sent);
        ask(sent, request);
        client.queue(message);
      }
      TAUS_TRY(client.flush());
    }
    TAUS_TRY_ASSIGN(const std::unique_ptr<tools::Reply> reply, client.receive());
    if (reply->get().isError()) return refused(reply->get());
    take(done, reply->get());
  }
  return {};
}

Result<std::unique_ptr<Centre>> Centre::open(const std::string& program, const std::string& directory, std::size_t clients) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error(ErrorCode::io, "cannot make " + directory + " (" + error.message() + ")");
  std::unique_ptr<Centre> out(new Centre(program, directory));
  TAUS_TRY(out->start());
  TAUS_TRY(out->populate(clients));
  return out;
}

Centre::~Centre() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Result<void> Centre::start() {
  int output[2];
  if (::pipe2(output, O_CLOEXEC) != 0) return Error(ErrorCode::io, "cannot make a pipe");
  const std::string errors = directory_ + "/stderr.txt";
  process_ = ::fork();
  if (process_ == 0) {
    const int words = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(words, STDERR_FILENO);
    ::execl(program_.c_str(), program_.c_str(), "--dev", directory_.c_str(), "--profile", "vt", nullptr);
    ::_exit(127);
  }
  ::close(output[1]);
  const bool ready = process_ > 0 && said_ready(output[0]);
  ::close(output[0]);
  if (ready) return {};
  stop();
  return Error(ErrorCode::unavailable, program_ + " did not start; see " + errors);
}

void Centre::stop() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

Result<double> Centre::restart() {
  stop();
  const auto begin = std::chrono::steady_clock::now();
  TAUS_TRY(start());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double Centre::processor_seconds() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 1));  // the third field and on; the second may hold blanks
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t Centre::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/statm");
  std::uint64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

Result<std::uint64_t> Centre::events() const {
  TAUS_TRY_ASSIGN(tools::Client client, tools::Client::connect(socket()));
  std::uint64_t size = 0;
  TAUS_TRY(each(
      client, 1, [](std::size_t, api::Request::Builder request) { request.initStatus(); },
      [&](std::size_t, api::Response::Reader reply) { size = reply.getStatus().getSize(); }));
  return size;
}

Result<void> Centre::add_clients(std::size_t count) {
  TAUS_TRY_ASSIGN(tools::Client client, tools::Client::connect(socket()));
  const std::size_t first = clients_.size();
  clients_.resize(first + count);
  return each(
      client, count, [&](std::size_t i, api::Request::Builder request) { fill_booking(first + i, request.initBookingRequest()); },
      [&](std::size_t i, api::Response::Reader reply) { clients_[first + i] = reply.getBookingRequest().getSubject().cStr(); });
}

Result<std::vector<std::string>> Centre::hire(std::size_t count) {
  TAUS_TRY_ASSIGN(tools::Client client, tools::Client::connect(socket()));
  std::vector<std::string> out;
  const auto ask = [](std::size_t, api::Request::Builder request) {
    auto staff = request.initStaffAdd();
    staff.setName("Ingrid Rådgiver");
    staff.setConfidentialitySigned("2025-01-02");
    staff.initRoles(1).set(0, schema::Role::COUNSELLOR);
  };
  TAUS_TRY(each(client, count, ask,
                [&](std::size_t, api::Response::Reader reply) { out.emplace_back(reply.getStaffAdd().getSubject().cStr()); }));
  return out;
}

Result<void> Centre::populate(std::size_t clients) {
  TAUS_TRY_ASSIGN(std::vector<std::string> staff, hire(1));
  counsellor_ = std::move(staff.front());
  TAUS_TRY(add_clients(clients));
  TAUS_TRY_ASSIGN(tools::Client client, tools::Client::connect(socket()));
  const auto assign = [&](std::size_t i, api::Request::Builder request) {
    auto to = request.initSubjectAssign();
    to.setSubject(clients_[i]);
    to.setCounsellor(counsellor_);
  };
  return each(client, clients, assign, [](std::size_t, api::Response::Reader) {});
}

Result<void> Centre::shred_clients() {
  TAUS_TRY_ASSIGN(tools::Client client, tools::Client::connect(socket()));
  const auto ask = [&](std::size_t i, api::Request::Builder request) {
    auto withdraw = request.initConsentWithdraw();
    withdraw.setSubject(clients_[i]);
    withdraw.setNoWait(true);
  };
  return each(client, clients_.size(), ask, [](std::size_t, api::Response::Reader) {});
}

}  // namespace taus::bench
