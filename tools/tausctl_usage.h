// What was wrong with a command line, in a sentence that names the word and says what was probably meant.
//
// Threads: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taus::tools {

// Where the line stopped making sense.
struct Misread {
  std::string noun;                     // "subject", "dev clock"; empty: none was recognised
  std::string verb;                     // empty: none was recognised, or the noun has none
  bool complete = false;                // noun and verb name a command
  std::vector<std::string> unexpected;  // words that nothing takes, in their order
  std::string otherwise;                // the sentence where nothing unexpected is there
};

// One sentence, and where to read on. The caller's words in it are cut, and safe for a terminal. `options`: those that may stand there.
std::string usage_sentence(const Misread& misread, const std::vector<std::string>& options);

// The word of `known` that `word` was probably meant to be: at most a third of its letters wrong, left out, added or swapped. Empty: none.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace taus::tools
