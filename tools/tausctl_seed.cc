#include "tools/tausctl_seed.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "tools/seed_run.h"
#include "tools/tausctl_text.h"

namespace taus::tools {
namespace {

constexpr std::uint64_t clients_max = 100'000;
constexpr std::uint64_t years_max = 50;

Result<std::uint64_t> number(const Invocation& invocation, const char* name, std::uint64_t otherwise, std::uint64_t least,
                             std::uint64_t most) {
  if (!invocation.has(name)) return otherwise;
  const std::string text = invocation.value(name);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
  return Error(ErrorCode::invalid_argument,
               std::string(name) + ": give a whole number from " + std::to_string(least) + " to " + std::to_string(most) + ".");
}

std::string ratio(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "";
  std::string digits = std::to_string((1000 * part + whole / 2) / whole);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  return digits.insert(digits.size() - 3, ".");
}

std::string for_people(const SeedResult& result) {
  Sheet sheet;
  sheet.add("profile", result.profile);
  sheet.add("from, to", result.from + " to " + result.to);
  sheet.add("clients served",
            std::to_string(result.clients) + ", and " + std::to_string(result.never_served) + " who never came");
  sheet.add("sessions", std::to_string(result.sessions) + ", " + ratio(result.sessions, result.clients) + " a client");
  sheet.add("appointments",
            std::to_string(result.appointments) + ", of which " + ratio(result.sessions, result.appointments) + " turned up");
  sheet.add("women", ratio(result.women, result.clients));
  sheet.add("messages, logs", std::to_string(result.messages) + ", " + std::to_string(result.logs));
  sheet.add("commands", std::to_string(result.commands));
  return sheet.text();
}

}  // namespace

Result<std::string> seed_years(const Invocation& invocation) {
  const Globals& globals = invocation.globals;
  if (globals.dev.empty()) return Error(ErrorCode::invalid_argument, "dev seed needs --dev DIR: it is for a tausd --dev only.");
  SeedOrder order{.frontend = globals.dev + "/run/frontend.sock", .op = globals.dev + "/run/operator.sock"};
  TAUS_TRY_ASSIGN(order.clients, number(invocation, "--clients", 0, 1, clients_max));
  TAUS_TRY_ASSIGN(const std::uint64_t years, number(invocation, "--years", 1, 1, years_max));
  order.years = static_cast<int>(years);
  TAUS_TRY_ASSIGN(order.seed, number(invocation, "--seed", 1, 0, ~std::uint64_t{0}));
  TAUS_TRY_ASSIGN(const SeedResult result, run_seed(order));
  if (!globals.json) return for_people(result);
  return nlohmann::ordered_json{{"profile", result.profile},     {"seed", order.seed},
                                {"from", result.from},           {"to", result.to},
                                {"clients", result.clients},     {"neverServed", result.never_served},
                                {"women", result.women},         {"appointments", result.appointments},
                                {"sessions", result.sessions},   {"noShows", result.no_shows},
                                {"cancelled", result.cancelled}, {"logs", result.logs},
                                {"messages", result.messages},   {"concluded", result.concluded},
                                {"shredded", result.shredded},   {"commands", result.commands},
                                {"position", result.position}}
             .dump() +
         "\n";
}

}  // namespace taus::tools
