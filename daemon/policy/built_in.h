// The texts of the built-in profiles (daemon/policy/profiles/*.toml) and code lists, put into the program by the build.
#pragma once

#include <span>
#include <string_view>

namespace taus::policy {

struct BuiltIn {
  std::string_view name;
  std::string_view text;
};
std::span<const BuiltIn> built_in_texts() noexcept;

// The tables of daemon/policy/data/, as CSV with ; between columns and one line of heads.
enum class CodeList : unsigned char { municipalities, older_municipalities, countries, languages };
std::string_view code_list_text(CodeList list) noexcept;

}  // namespace taus::policy
