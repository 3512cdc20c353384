// `policy explain` without tausctl, for the retention oracle: policy_explain_cli [--plant] --profile P --facts -
// --plant swaps one setting of the profile for a wrong one, to show that the oracle notices.
#include <iostream>
#include <iterator>
#include <string>

#include "daemon/policy/built_in.h"
#include "daemon/policy/explain.h"

namespace {

taus::Result<taus::policy::Profile> planted(const std::string& name) {
  for (const auto& built_in : taus::policy::built_in_texts()) {
    if (built_in.name != name) continue;
    std::string text(built_in.text);
    const std::string right = "last_activity + 28d";
    const auto at = text.find(right);
    if (at != std::string::npos) text.replace(at, right.size(), "last_activity + 27d");
    return taus::policy::load_profile(text, name);
  }
  return taus::Error(taus::ErrorCode::not_found, "no such profile");
}

}  // namespace

int main(int argc, char** argv) {
  bool plant = false;
  std::string name;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--plant") plant = true;
    if (argument == "--profile" && i + 1 < argc) name = argv[++i];
  }
  const auto zone = taus::Zone::load();
  const auto profile = plant ? planted(name) : taus::policy::built_in_profile(name);
  if (!zone || !profile) {
    std::cerr << (zone ? profile.error().message : zone.error().message) << '\n';
    return 2;
  }
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const auto answers = taus::policy::explain_lines(*profile, *zone, text);
  if (!answers) {
    std::cerr << answers.error().message << '\n';
    return 2;
  }
  std::cout << *answers;
  return 0;
}
