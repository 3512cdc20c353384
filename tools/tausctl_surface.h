// Everything one can type after `tausctl`: the table of nouns and verbs. A verb names a method of the API; which type an
// argument has follows from the schema field it fills.
//
// Threads: constant data.
#pragma once

#include <span>
#include <vector>

namespace taus::tools {

struct Argument {
  const char* name;   // "SUBJECT": by place; "--counsellor": an option
  const char* field;  // of the method's parameters
  bool required;
  const char* help;
  const char* unless = nullptr;  // the option that stands for this one; one of the two is required
  bool flag = false;             // takes no value, although no field says so
};

enum class Special : unsigned char {
  none,
  document,  // the last argument, FILE or -, is the parameters as JSON
  message,   // the same, where the key "subject" means the message's subject line
  duration,  // 28d, 36h, 90m: days of the local calendar, or a span
  call,      // METHOD [JSON|-]
  explain,   // without a daemon
  deadline,  // without a daemon
  receipt,   // without a daemon
  ics,       // the reply as an iCalendar feed
  freebusy,  // the reply as free/busy times
  seed,      // many calls: a synthetic year
  backup,    // many calls, or none: files
  package,   // the reply as files
  follow,    // many calls: what happens, until it is stopped
};

constexpr bool is_feed(Special special) { return special == Special::ics || special == Special::freebusy; }

struct Verb {
  const char* noun;
  const char* verb;    // empty: the noun alone
  const char* method;  // empty: no daemon asked
  const char* help;
  const char* example;
  std::vector<Argument> arguments;
  Special special = Special::none;
};

struct Noun {
  const char* name;
  const char* help;
};

std::span<const Noun> nouns();
std::span<const Verb> verbs();

}  // namespace taus::tools
