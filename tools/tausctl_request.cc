#include "tools/tausctl_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>

#include "daemon/protocol/exit_code.h"
#include "eventstore/base/limits.h"
#include "eventstore/base/zone.h"
#include "eventstore/schema/json.h"
#include "eventstore/schema/json_field.h"

namespace taus::tools {
namespace {

using capnp::schema::Type;

capnp::StructSchema request_schema() { return capnp::Schema::from<api::Request>(); }

// The method's parameters; nothing where there is no such method.
std::optional<capnp::StructSchema::Field> method_field(std::string_view method) {
  const std::string name(method);
  KJ_IF_MAYBE (field, request_schema().findFieldByName(name.c_str())) {
    const bool is_method = field->getProto().getDiscriminantValue() != capnp::schema::Field::NO_DISCRIMINANT;
    if (is_method && name != "none") return *field;
  }
  return std::nullopt;
}

std::optional<capnp::StructSchema::Field> parameter(std::string_view method, std::string_view field) {
  const auto found = method_field(method);
  if (!found || field.empty()) return std::nullopt;
  KJ_IF_MAYBE (inner, found->getType().asStruct().findFieldByName(std::string(field).c_str())) return *inner;
  return std::nullopt;
}

// What was typed a value for.
struct Option {
  std::string name;
  std::string_view help;
};

Error bad(const std::string& option, const std::string& what) { return Error(ErrorCode::invalid_argument, option + ": " + what); }

Result<std::int64_t> number_of(const std::string& option, const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return bad(option, "give a whole number.");
  return value;
}

// Whether a help text speaks of a value, as a word of its own.
bool speaks_of(std::string_view help, std::string_view word) {
  const auto letter = [&](std::size_t at) { return at < help.size() && std::isalnum(static_cast<unsigned char>(help[at])) != 0; };
  for (std::size_t at = help.find(word); at != std::string_view::npos; at = help.find(word, at + 1))
    if ((at == 0 || !letter(at - 1)) && !letter(at + word.size())) return true;
  return false;
}

// The schema knows more values than one command takes: where the help names some, only these are offered.
Result<capnp::DynamicEnum> enumerant_of(const Option& option, capnp::EnumSchema schema, const std::string& text) {
  std::string known;
  std::string offered;
  for (auto enumerant : schema.getEnumerants()) {
    const std::string name = enumerant.getProto().getName().cStr();
    if (name == "absent") continue;
    if (name == text) return capnp::DynamicEnum(enumerant);
    known += (known.empty() ? "" : ", ") + name;
    if (speaks_of(option.help, name)) offered += (offered.empty() ? "" : ", ") + name;
  }
  return bad(option.name, "give one of " + (offered.empty() ? known : offered) + ".");
}

Result<void> set_list(const Option& option, capnp::DynamicStruct::Builder params, const capnp::StructSchema::Field& field,
                      const std::vector<std::string>& words) {
  auto list = params.init(field, static_cast<unsigned>(words.size())).as<capnp::DynamicList>();
  const capnp::Type element = field.getType().asList().getElementType();
  for (unsigned i = 0; i < words.size(); ++i) {
    if (element.isEnum()) {
      TAUS_TRY_ASSIGN(const capnp::DynamicEnum value, enumerant_of(option, element.asEnum(), words[i]));
      list.set(i, value);
    } else {
      list.set(i, capnp::Text::Reader(words[i].c_str(), words[i].size()));
    }
  }
  return {};
}

Result<void> set_field(const Option& option, capnp::DynamicStruct::Builder params, const capnp::StructSchema::Field& field,
                       const std::vector<std::string>& words) {
  const std::string& word = words.front();
  const capnp::Type type = field.getType();
  switch (type.which()) {
    case Type::BOOL: params.set(field, true); return {};
    case Type::TEXT: params.set(field, capnp::Text::Reader(word.c_str(), word.size())); return {};
    case Type::ENUM: {
      TAUS_TRY_ASSIGN(const capnp::DynamicEnum value, enumerant_of(option, type.asEnum(), word));
      params.set(field, value);
      return {};
    }
    case Type::LIST: return set_list(option, params, field, words);
    default: break;
  }
  if (schema::is_time(field)) {
    TAUS_TRY_ASSIGN(const Zone zone, Zone::load());
    auto time = zone.parse_time(word);
    if (!time) return bad(option.name, time.error().message);
    params.set(field, ms_of(*time));
    return {};
  }
  TAUS_TRY_ASSIGN(const std::int64_t number, number_of(option.name, word));
  // An absent number is written as the field's default: nobody may mean that by a value.
  if (number < 0) return bad(option.name, "give a number that is not negative.");
  if (type.which() == Type::INT32 && number > std::numeric_limits<std::int32_t>::max())
    return bad(option.name, "the number is too large.");
  params.set(field, number);
  return {};
}

// "28d" are days of the local calendar; "36h", "90m" and "30s" are spans.
Result<void> set_duration(const std::string& text, capnp::DynamicStruct::Builder params) {
  if (text.size() < 2) return bad("SPAN", "give a number and d, h, m or s: 28d, 36h.");
  TAUS_TRY_ASSIGN(const std::int64_t amount, number_of("SPAN", text.substr(0, text.size() - 1)));
  constexpr std::int64_t days_max = 366 * 100;
  if (amount <= 0 || amount > days_max * 86'400) return bad("SPAN", "the clock only moves forward, at most a hundred years.");
  std::int64_t seconds = 0;
  switch (text.back()) {
    case 'd':
      if (amount > days_max) return bad("SPAN", "at most a hundred years at a time.");
      params.set("days", amount);
      return {};
    case 'h': seconds = 3600; break;
    case 'm': seconds = 60; break;
    case 's': seconds = 1; break;
    default: return bad("SPAN", "give a number and d, h, m or s: 28d, 36h.");
  }
  if (amount > days_max * 86'400 / seconds) return bad("SPAN", "at most a hundred years at a time.");
  params.set("milliseconds", amount * seconds * 1000);
  return {};
}

// Documents may give local times, as people do.
Result<void> read_json(const std::string& document, capnp::DynamicStruct::Builder params) {
  if (document.find_first_not_of(" \t\r\n") == std::string::npos)
    return Error(ErrorCode::malformed, "The document is empty; give the parameters as JSON.");
  TAUS_TRY_ASSIGN(const Zone zone, Zone::load());
  schema::JsonHooks hooks;
  hooks.parse_time = [&](std::string_view text) -> Result<std::int64_t> {
    TAUS_TRY_ASSIGN(const Instant time, zone.parse_time(text));
    return ms_of(time);
  };
  return schema::read_json(document, params, hooks);
}

// A document may repeat the client's id, but not name another client.
Result<void> apply_subject(const std::string& id, capnp::DynamicStruct::Builder params) {
  const std::string named(params.get("subject").as<capnp::Text>().cStr());
  if (!named.empty() && named != id)
    return Error(ErrorCode::invalid_argument, "The document is about another client.", "/subject");
  return {};
}

// In a message's document "subject" is its subject line, as people call it; the API's field for that is `title`.
Result<void> move_subject_line(capnp::DynamicStruct::Builder params) {
  if (!params.has("subject")) return {};
  if (params.has("title")) return Error(ErrorCode::invalid_argument, "Give the subject line once, as `subject`.", "/title");
  const std::string line(params.get("subject").as<capnp::Text>().cStr());
  params.set("title", capnp::Text::Reader(line.c_str(), line.size()));
  params.clear("subject");
  return {};
}

Result<void> read_params(const Invocation& invocation, capnp::DynamicStruct::Builder params) {
  const Special special = invocation.verb->special;
  if (special != Special::document && special != Special::message) return {};
  TAUS_TRY_ASSIGN(const std::string text, read_document(invocation.value("FILE"), limits::json_bytes_max));
  TAUS_TRY(read_json(text, params));
  if (special == Special::message) return move_subject_line(params);
  const std::string id = invocation.value("SUBJECT");
  return id.empty() ? Result<void>() : apply_subject(id, params);
}

Result<void> fill(const Invocation& invocation, capnp::DynamicStruct::Builder params) {
  TAUS_TRY(read_params(invocation, params));
  const Verb& verb = *invocation.verb;
  if (verb.special == Special::duration) return set_duration(invocation.value("SPAN"), params);
  for (const auto& [name, words] : invocation.values) {
    std::string field_name = name == "--expected-version" ? "expectedVersion" : "";
    Option option{name, ""};
    for (const Argument& argument : verb.arguments) {
      if (name != argument.name) continue;
      field_name = argument.field;
      option.help = argument.help;
    }
    const auto field = parameter(verb.method, field_name);
    if (field) TAUS_TRY(set_field(option, params, *field, words));
  }
  return {};
}

void set_head(const Globals& globals, api::Request::Builder request) {
  request.setId(1);
  if (!globals.as.empty()) request.setAs(globals.as);
  if (!globals.purpose.empty()) request.setPurpose(globals.purpose);
  if (!globals.request_id.empty()) request.setRequestId(globals.request_id);
}

}  // namespace

Shape shape_of(std::string_view method, std::string_view field) {
  const auto found = parameter(method, field);
  if (!found) return Shape::one;
  if (found->getType().isList()) return Shape::list;
  return found->getType().isBool() ? Shape::flag : Shape::one;
}

std::string document_fields(const Verb& verb) {
  std::string out;
  const auto add = [&](const std::string& name) { out += (out.empty() ? "" : ", ") + name; };
  const auto taken = [&](const std::string& name) {
    return name == "expectedVersion" || name == "supersedes" ||  // options, of one verb or of all
           std::any_of(verb.arguments.begin(), verb.arguments.end(),
                       [&](const Argument& argument) { return name == argument.field; });
  };
  const auto method = method_field(verb.method);
  TAUS_CHECK(method.has_value());
  for (const auto field : method->getType().asStruct().getFields()) {
    const std::string name = field.getProto().getName().cStr();
    if (taken(name)) continue;
    if (!field.getType().isStruct()) {
      add(verb.special == Special::message && name == "title" ? "subject" : name);
      continue;
    }
    std::string inner;
    for (const auto one : field.getType().asStruct().getFields())
      inner += (inner.empty() ? "" : ", ") + std::string(one.getProto().getName().cStr());
    add(name + " {" + inner + "}");
  }
  return out;
}

std::string place_typed(const Verb& verb, const std::string& pointer) {
  static constexpr std::pair<std::string_view, const char*> of_all[] = {{"/as", "--as"},
                                                                        {"/purpose", "--purpose"},
                                                                        {"/requestId", "--request-id"},
                                                                        {"/atLeast", "--at-least"},
                                                                        {"/expectedVersion", "--expected-version"}};
  for (const Argument& argument : verb.arguments)
    if (*argument.field != '\0' && pointer == std::string("/") + argument.field) return argument.name;
  for (const auto& [field, option] : of_all)
    if (pointer == field) return option;
  return pointer;
}

bool has_field(std::string_view method, std::string_view field) { return parameter(method, field).has_value(); }

bool is_command(std::string_view method) {
  const auto responses = capnp::Schema::from<api::Response>();
  KJ_IF_MAYBE (field, responses.findFieldByName(std::string(method).c_str()))
    return field->getType().isStruct() && field->getType().asStruct() == capnp::Schema::from<api::Ack>();
  return false;
}

Error error_of(api::Error::Reader refusal) {
  const auto code = protocol::error_code_of(refusal.getCode().cStr());
  return Error(code.value_or(ErrorCode::io), refusal.getMessage().cStr(), refusal.getPointer().cStr());
}

Result<std::string> read_document(const std::string& path, std::size_t bytes_max) {
  std::ifstream file;
  if (path != "-") {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
      return Error(ErrorCode::invalid_argument, path + " is a directory; name a file in it.");
    file.open(path, std::ios::binary);
    if (!file) return Error(ErrorCode::not_found, "Cannot read the file " + path + ".");
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string out;
  std::array<char, 1 << 14> chunk;
  while (in.read(chunk.data(), chunk.size()) || in.gcount() > 0) {
    out.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (out.size() > bytes_max)
      return Error(ErrorCode::too_large, "The document is larger than " + std::to_string(bytes_max >> 20) + " MiB.");
  }
  if (in.bad()) return Error(ErrorCode::io, "Cannot read all of " + path + ".");
  return out;
}

Result<std::string> build_request(const Invocation& invocation, api::Request::Builder request) {
  const Globals& globals = invocation.globals;
  set_head(globals, request);
  if (globals.at_least) {
    TAUS_TRY_ASSIGN(const std::int64_t position, number_of("--at-least", *globals.at_least));
    if (position < 0) return bad("--at-least", "give a number that is not negative.");
    request.setAtLeast(position);
  }
  const bool call = invocation.verb->special == Special::call;
  const std::string method = call ? invocation.value("METHOD") : invocation.verb->method;
  const auto field = method_field(method);
  if (!field) return Error(ErrorCode::invalid_argument, "There is no method " + method + "; see daemon/protocol/api.capnp.");
  capnp::DynamicStruct::Builder root = capnp::toDynamic(request);
  auto params = root.init(*field).as<capnp::DynamicStruct>();
  if (!call) {
    TAUS_TRY(fill(invocation, params));
    if (is_feed(invocation.verb->special)) params.set("busyOnly", true);
    return method;
  }
  const std::string given = invocation.value("JSON");
  if (given.empty()) return method;
  std::string document = given;
  if (given == "-") {
    TAUS_TRY_ASSIGN(document, read_document(given, limits::json_bytes_max));
  }
  TAUS_TRY(read_json(document, params));
  return method;
}

}  // namespace taus::tools
