#include "eventstore/base/terminal_columns.h"

#include <utf8proc.h>

namespace taus {

int terminal_columns(char32_t letter) {
  const auto code = static_cast<utf8proc_int32_t>(letter);
  return utf8proc_category(code) == UTF8PROC_CATEGORY_MC ? 1 : utf8proc_charwidth(code);
}

}  // namespace taus
