// The form under which texts are compared when somebody looks for them: however it was typed, one letter is one letter.
//
// NFC after full case folding (Unicode 3.13, D144; UAX #15): Å is å, A with a combining ring is å, ẞ is ss. Spaces at the ends
// fall away. Text that is not UTF-8 folds its ASCII letters only; the requests' check lets none in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace taus {

std::string search_key(std::string_view text);

// Letters and digits of any script, each once however it is composed; no marks, blanks, signs or emoji. 0 for what is not UTF-8.
std::size_t count_letters(std::string_view text);

}  // namespace taus
