#include "tools/taus_bench_reads.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "tools/taus_bench_centre.h"

namespace taus::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t others = 1000;
constexpr int days_ago = 29;      // 28 days after somebody's last contact everything is due
constexpr int days_between = 14;  // the others come so much later
constexpr std::size_t reads_a_look = 50;
constexpr std::size_t hundred = 100;

std::int64_t days_before_now(int days) {
  const auto then = std::chrono::system_clock::now() - std::chrono::hours(24) * days;
  return std::chrono::duration_cast<std::chrono::milliseconds>(then.time_since_epoch()).count();
}

Result<void> set_clock(const std::string& socket, std::int64_t at) {
  TAUS_TRY_ASSIGN(tools::Client client, tools::Client::connect(socket));
  return each(
      client, 1, [&](std::size_t, api::Request::Builder request) { request.initDevClockSet().setAt(at); },
      [](std::size_t, api::Response::Reader) {});
}

// Whether this client, the last who fell due, is gone, and nothing waits.
Result<bool> all_gone(tools::Client& client, const std::string& last) {
  capnp::MallocMessageBuilder message;
  message.initRoot<api::Request>().initSubjectState().setSubject(last);
  TAUS_TRY_ASSIGN(const std::unique_ptr<tools::Reply> reply, client.call(message));
  const bool gone = reply->get().isError() && reply->get().getError().getCode() == "shredded";
  std::uint64_t pending = 0;
  TAUS_TRY(each(
      client, 1, [](std::size_t, api::Request::Builder request) { request.initStatus(); },
      [&](std::size_t, api::Response::Reader status) { pending = status.getStatus().getPending(); }));
  return gone && pending == 0;
}

}  // namespace

Result<double> reads_beside_erasures(const std::string& program, const std::string& directory, std::size_t doomed) {
  TAUS_TRY_ASSIGN(const auto centre, Centre::open(program, directory, 0));
  const std::string op = directory + "/run/operator.sock";
  TAUS_TRY(set_clock(op, days_before_now(days_ago)));
  TAUS_TRY(centre->add_clients(doomed));
  TAUS_TRY(set_clock(op, days_before_now(days_ago - days_between)));
  TAUS_TRY(centre->add_clients(others));
  std::error_code ignored;
  std::filesystem::remove(directory + "/root/clock", ignored);  // the real time from the next start on: all are due then
  TAUS_TRY(centre->restart());
  TAUS_TRY_ASSIGN(tools::Client client, tools::Client::connect(centre->socket()));
  std::vector<double> milliseconds;
  for (bool over = false; !over;) {
    for (std::size_t i = 0; i < reads_a_look; ++i) {
      const std::string& subject = centre->clients()[doomed + milliseconds.size() % others];
      const auto begin = Steady::now();
      TAUS_TRY(each(
          client, 1, [&](std::size_t, api::Request::Builder request) { request.initSubjectShow().setSubject(subject); },
          [](std::size_t, api::Response::Reader) {}));
      milliseconds.push_back(std::chrono::duration<double, std::milli>(Steady::now() - begin).count());
    }
    TAUS_TRY_ASSIGN(over, all_gone(client, centre->clients()[doomed - 1]));
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return milliseconds[milliseconds.size() - 1 - milliseconds.size() / hundred];
}

}  // namespace taus::bench
