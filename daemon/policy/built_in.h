// The texts of the built-in profiles (daemon/policy/profiles/*.toml), put into the program by the build.
#pragma once

#include <span>
#include <string_view>

namespace taus::policy {

struct BuiltIn {
  std::string_view name;
  std::string_view text;
};
std::span<const BuiltIn> built_in_texts() noexcept;

}  // namespace taus::policy
