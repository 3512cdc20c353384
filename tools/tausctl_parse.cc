#include "tools/tausctl_parse.h"

#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>

#include "tools/tausctl_request.h"
#include "tools/tausctl_usage.h"

namespace taus::tools {
namespace {

// Where the words of one verb land while CLI11 reads the line.
struct Landing {
  const Verb* verb = nullptr;
  CLI::App* app = nullptr;
  std::map<std::string, std::vector<std::string>> lists;
  std::map<std::string, std::pair<CLI::Option*, std::string>>
      words;  // a text, for CLI11 takes a vector to mean "as many as come"
  std::map<std::string, bool> flags;
};

void add_argument(Landing& landing, const Argument& argument) {
  const Shape shape = argument.flag ? Shape::flag : shape_of(landing.verb->method, argument.field);
  const std::string name = argument.name;
  if (shape == Shape::flag) {
    landing.app->add_flag(name, landing.flags[name], argument.help);
    return;
  }
  if (shape == Shape::list) {
    landing.app->add_option(name, landing.lists[name], argument.help)
        ->required(argument.required)
        ->expected(1, 16)
        ->type_name("...");
    return;
  }
  auto& [option, text] = landing.words[name];
  option = landing.app->add_option(name, text, argument.help)->required(argument.required)->type_name("");
}

const Argument document_argument{"FILE", "", true, "a JSON document; - is standard input"};
const Argument version_argument{"--expected-version", "expectedVersion", false,
                                "refuse if whom the command is about has changed since this version"};

void add_verb(CLI::App& parent, Landing& landing) {
  const Verb& verb = *landing.verb;
  landing.app = *verb.verb == '\0' ? &parent : parent.add_subcommand(verb.verb, verb.help);
  landing.app->fallthrough();
  const bool document = verb.special == Special::document || verb.special == Special::message;
  landing.app->footer((document ? "The document: " + document_fields(verb) + "\n\n" : std::string()) + "Example:\n  " +
                      verb.example + "\n\nWhat every command takes (--as, --purpose, --json …): tausctl --help");
  for (const Argument& argument : verb.arguments) add_argument(landing, argument);
  if (document) add_argument(landing, document_argument);
  if (has_field(verb.method, version_argument.field)) add_argument(landing, version_argument);
}

// One or two words: "subject", "dev clock".
CLI::App* noun_app(CLI::App& root, const std::string& noun) {
  CLI::App* parent = &root;
  std::size_t at = 0;
  while (at <= noun.size()) {
    const std::size_t end = std::min(noun.find(' ', at), noun.size());
    const std::string word = noun.substr(at, end - at);
    const auto same = parent->get_subcommands([&](CLI::App* app) { return app->get_name() == word; });
    CLI::App* found = same.empty() ? nullptr : same.front();
    if (found == nullptr) {
      std::string help = "the development clock";
      for (const Noun& known : nouns())
        if (word == known.name) help = known.help;
      found = parent->add_subcommand(word, help);
      found->fallthrough();
    }
    parent = found;
    at = end + 1;
  }
  return parent;
}

void add_globals(CLI::App& app, Globals& globals) {
  // An empty one is a mistake: in the API it is the same as none, and that is another call.
  const auto given = [&](const char* name, std::string& into, const char* help) {
    return app.add_option(name, into, help)->check([](const std::string& value) {
      return value.empty() ? std::string("give a value; this one is empty") : std::string();
    });
  };
  auto* socket = given("--socket", globals.socket, "the daemon's socket");
  given("--dev", globals.dev, "directory of a tausd --dev; the socket is chosen by what is asked")->excludes(socket);
  given("--as", globals.as, "id of the acting member of staff");
  given("--purpose", globals.purpose, "why, where the profile asks");
  given("--request-id", globals.request_id, "a command repeated under the same id happens once");
  app.add_option("--at-least", globals.at_least, "answer not before this position is applied");
  app.add_flag("--json", globals.json, "one JSON document on standard output");
}

bool asked_for_json(int argc, const char* const* argv) {
  return std::any_of(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; });
}

// The first argument that is missing although nothing stands for it.
const char* missing(const Landing& landing) {
  const auto given = [&](const char* name) {
    const auto found = landing.words.find(name);
    return found != landing.words.end() && found->second.first->count() > 0;
  };
  for (const Argument& one : landing.verb->arguments)
    if (one.unless != nullptr && !given(one.name) && !given(one.unless)) return one.name;
  return nullptr;
}

// The deepest noun or verb that the line reached.
const CLI::App* reached(const CLI::App& app) {
  const CLI::App* here = &app;
  while (!here->get_subcommands().empty()) here = here->get_subcommands().front();
  return here;
}

// Every option that may stand where `here` is, its own first.
std::vector<std::string> options_at(const CLI::App* here) {
  std::vector<std::string> out;
  for (; here != nullptr; here = here->get_parent())
    for (const CLI::Option* option : here->get_options())
      for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
  return out;
}

// Where CLI11's own words are no sentence.
std::string sentence_of(const CLI::ParseError& error) {
  const std::string text = error.what();
  if (error.get_name() == "ArgumentMismatch") return text.substr(0, text.find(':')) + " needs a value";
  if (error.get_name() == "ExcludesError") return "Give --socket or --dev, not both";
  return text;
}

Error misunderstood(const CLI::App& app, const std::vector<Landing>& landings, const std::string& otherwise) {
  const CLI::App* const here = reached(app);
  Misread misread;
  misread.otherwise = otherwise;
  misread.unexpected = app.remaining(true);
  for (const Landing& landing : landings) {
    if (landing.app != here) continue;
    misread.noun = landing.verb->noun;
    misread.verb = landing.verb->verb;
    misread.complete = true;
  }
  if (!misread.complete)
    for (const CLI::App* one = here; one->get_parent() != nullptr; one = one->get_parent())
      misread.noun = one->get_name() + (misread.noun.empty() ? "" : " " + misread.noun);
  return Error(ErrorCode::invalid_argument, usage_sentence(misread, options_at(here)));
}

Invocation take(const Landing& landing, const Globals& globals) {
  Invocation invocation{globals, landing.verb, {}};
  for (const auto& [name, words] : landing.lists)
    if (!words.empty()) invocation.values[name] = words;
  for (const auto& [name, landed] : landing.words)
    if (landed.first->count() > 0) invocation.values[name] = {landed.second};
  for (const auto& [name, given] : landing.flags)
    if (given) invocation.values[name] = {"true"};
  return invocation;
}

}  // namespace

std::string Invocation::value(const std::string& name) const {
  const auto found = values.find(name);
  return found == values.end() || found->second.empty() ? std::string() : found->second.front();
}

Parsed parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Speaks to tausd, the records daemon of a career-guidance centre.", "tausctl");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("tausctl ") + TAUS_VERSION);
  app.footer(
      "Times are RFC 3339; without an offset they are Europe/Oslo. Values that are personal go in files or standard input.\n"
      "Exit codes: 0 done, 1 failed, 2 usage or invalid input, 3 not found, 4 denied or withheld, 5 conflict, 6 shredded,\n"
      "7 restricted or held, 8 busy or unavailable, 9 tampered or corrupt.");
  Globals globals;
  add_globals(app, globals);
  std::vector<Landing> landings;
  landings.reserve(verbs().size());  // CLI11 keeps pointers into them
  for (const Verb& verb : verbs()) {
    landings.push_back(Landing{&verb, nullptr, {}, {}, {}});
    add_verb(*noun_app(app, verb.noun), landings.back());
  }
  const bool json = asked_for_json(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return {std::nullopt, misunderstood(app, landings, sentence_of(error)), json};
    app.exit(error, std::cout, std::cerr);  // prints the help
    return {};
  }
  for (const Landing& landing : landings) {
    if (!landing.app->parsed() || !landing.app->get_subcommands().empty()) continue;
    const char* const name = missing(landing);
    if (name == nullptr) return {take(landing, globals), std::nullopt, json};
    return {std::nullopt, misunderstood(app, landings, std::string(name) + " is required"), json};
  }
  return {std::nullopt, misunderstood(app, landings, ""), json};
}

}  // namespace taus::tools
