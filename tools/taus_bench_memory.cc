#include "tools/taus_bench_memory.h"

#include <chrono>

namespace taus::bench {
namespace {

constexpr std::size_t sessions = 2;
constexpr std::size_t messages = 4;
constexpr std::size_t body_bytes = 300;
constexpr int minutes = 15;
constexpr std::int64_t begun_days_ago = 25;  // so that all sessions lie in the past, and nothing is due yet

using Fill = std::function<void(std::size_t, api::Request::Builder)>;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Result<void> live_a_year(Centre& centre, const std::vector<std::string>& counsellors, std::size_t count) {
  const std::size_t first = centre.clients().size();
  TAUS_TRY(centre.add_clients(count));
  TAUS_TRY_ASSIGN(tools::Client client, tools::Client::connect(centre.socket()));
  const auto subject = [&](std::size_t i) { return centre.clients()[first + i]; };
  const auto counsellor = [&](std::size_t i) { return counsellors[(first + i) % counsellors.size()]; };
  const auto all = [&](const Fill& fill) { return each(client, count, fill, [](std::size_t, api::Response::Reader) {}); };
  const std::int64_t begin = now_ms() - begun_days_ago * 86'400'000;
  TAUS_TRY(all([&](std::size_t i, api::Request::Builder request) {
    auto record = request.initSubjectRecord();
    record.setSubject(subject(i));
    record.setCollectedVia(schema::Collected::SESSION);
    record.setGender(schema::Gender::FEMALE);
    record.setCountryOfOrigin("NO");
  }));
  for (std::size_t session = 0; session < sessions; ++session) {
    TAUS_TRY(all([&](std::size_t i, api::Request::Builder request) {
      const auto slot = static_cast<std::int64_t>((first + i) / counsellors.size() * sessions + session);
      auto book = request.initBookingBook();
      book.setSubject(subject(i));
      book.setCounsellor(counsellor(i));
      book.setStart(begin + slot * minutes * 60'000);
      book.setMinutes(minutes);
      book.setChannel(schema::Channel::IN_PERSON);
      book.setPlace("Skien");
    }));
    TAUS_TRY(all([&](std::size_t i, api::Request::Builder request) { request.initBookingHeld().setSubject(subject(i)); }));
    TAUS_TRY(all([&](std::size_t i, api::Request::Builder request) {
      auto log = request.initLogWrite();
      request.setAs(counsellor(i));
      log.setSubject(subject(i));
      log.setFocus(std::string(body_bytes, 'f'));
      log.setAttestNoSpecial(true);
    }));
  }
  for (std::size_t message = 0; message < messages; ++message) {
    TAUS_TRY(all([&](std::size_t i, api::Request::Builder request) {
      auto add = request.initMessageAdd();
      add.setSubject(subject(i));
      add.setDirection(message % 2 == 0 ? "out" : "in");
      add.setChannel(schema::Channel::EMAIL);
      add.setBody(std::string(body_bytes, 'b'));
    }));
  }
  return {};
}

}  // namespace taus::bench
