#include "tools/tausctl_usage.h"

#include <algorithm>

#include "tools/tausctl_surface.h"
#include "tools/tausctl_text.h"

namespace taus::tools {
namespace {

constexpr std::size_t shown_bytes_max = 64;

std::string shown(const std::string& given) {
  const std::string word = printable(given);
  if (word.size() <= shown_bytes_max) return "'" + word + "'";
  std::size_t end = shown_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0) == 0x80) --end;  // not amid a letter
  return "'" + word.substr(0, end) + "…'";
}

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

// "--purpos=x" is the option --purpos.
std::string option_name(const std::string& word) { return word.substr(0, word.find('=')); }

std::string help_of(const std::string& command) {
  return command.empty() ? "'tausctl --help' lists what there is." : "See 'tausctl " + command + " --help'.";
}

std::vector<std::string> words_below(const std::string& noun) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& word) {
    if (!word.empty() && std::find(out.begin(), out.end(), word) == out.end()) out.push_back(word);
  };
  if (noun.empty())
    for (const Noun& one : nouns()) add(one.name);
  for (const Verb& one : verbs()) {
    const std::string its = one.noun;
    if (!noun.empty() && its == noun) add(one.verb);
    if (!noun.empty() && its.starts_with(noun + " ")) add(its.substr(noun.size() + 1));
  }
  return out;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& one : words) out += (out.empty() ? "" : between) + one;
  return out;
}

// Commands that end in this word: who types "find" knows the verb and forgot the noun.
std::vector<std::string> commands_ending_in(const std::string& word) {
  std::vector<std::string> out;
  for (const Verb& one : verbs())
    if (word == one.verb) out.push_back("'" + std::string(one.noun) + " " + word + "'");
  return out;
}

std::string unknown_word(const std::string& noun, const std::string& word) {
  const std::vector<std::string> known = words_below(noun);
  const std::string meant = nearest(word, known);
  std::string out = "There is no command '" + (noun.empty() ? "" : noun + " ") + shown(word).substr(1);
  if (!meant.empty()) return out + "; did you mean '" + (noun.empty() ? "" : noun + " ") + meant + "'? " + help_of(noun);
  if (!noun.empty()) return out + "; '" + noun + "' takes one of " + joined(known, ", ") + ". " + help_of(noun);
  const auto commands = commands_ending_in(word);
  return out + (commands.empty() ? "." : "; did you mean " + joined(commands, " or ") + "?") + " " + help_of(noun);
}

std::string unknown_option(const std::string& command, const std::string& word, const std::vector<std::string>& options) {
  const std::string meant = nearest(option_name(word), options);
  return (command.empty() ? "There is no option " : "'" + command + "' has no option ") + shown(option_name(word)) +
         (meant.empty() ? "." : "; did you mean '" + meant + "'?") + " " + help_of(command);
}

// How many letters must be changed, put in, taken out or swapped with the next.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = shown_bytes_max;
  for (const std::string& one : known) {
    if (word.size() > 2 * one.size()) continue;  // also keeps a very long word from costing anything
    const std::size_t far = distance(word, one);
    if (far * 3 > std::max(word.size(), one.size()) || far >= least) continue;
    best = one;
    least = far;
  }
  return best;
}

std::string usage_sentence(const Misread& misread, const std::vector<std::string>& options) {
  const std::string command = misread.noun + (misread.verb.empty() ? "" : " " + misread.verb);
  const auto& words = misread.unexpected;
  const auto word = std::find_if_not(words.begin(), words.end(), is_option);
  const auto option = std::find_if(words.begin(), words.end(), is_option);
  if (!misread.complete && word != words.end() && (option == words.end() || word < option))
    return unknown_word(misread.noun, *word);
  if (option != words.end()) return unknown_option(command, *option, options);
  if (!misread.complete)
    return "Say what to do: tausctl " + (command.empty() ? "NOUN VERB" : command + " " + joined(words_below(command), "|")) +
           ". " + help_of(command);
  if (word != words.end()) return shown(*word) + " is one word more than '" + command + "' takes. " + help_of(command);
  return misread.otherwise + ". " + help_of(command);
}

}  // namespace taus::tools
