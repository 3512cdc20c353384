// How much room a terminal gives a letter.
//
// Threads: any; pure. Source: Unicode's East Asian Width and general categories, as utf8proc has them; a mark with a place of its own (Mc)
// takes a column, as C libraries and terminals count.
#pragma once

namespace taus {

// 0: combines with what is before it, or is not seen; 2: wide, as Chinese letters and emoji.
int terminal_columns(char32_t letter);

}  // namespace taus
