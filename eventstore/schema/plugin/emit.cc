#include "eventstore/schema/plugin/emit.h"

#include <set>
#include <sstream>

namespace taus::plugin {
namespace {

// An enumerant whose name is a C++ word gets an underscore behind.
std::string identifier(const std::string& name) {
  static const std::set<std::string> words = {"case",   "class",    "default", "delete", "do",       "export",
                                              "new",    "operator", "private", "public", "register", "requires",
                                              "switch", "this",     "union",   "and",    "or",       "not"};
  return words.contains(name) ? name + "_" : name;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

const char* yes(bool value) { return value ? "true" : "false"; }

void emit_categories(std::ostream& out, const Model& model) {
  out << "namespace taus {\n\n// Category numbers are kept in every store: never renumber.\nenum class Category : std::uint8_t "
         "{\n";
  for (std::size_t i = 0; i < model.categories.size(); ++i)
    out << "  " << identifier(model.categories[i].name) << " = " << i << ",\n";
  out << "};\ninline constexpr int category_count = " << model.categories.size() << ";\n\n}  // namespace taus\n\n";
}

void emit_category_table(std::ostream& out, const Model& model) {
  out << "struct CategoryInfo {\n  std::string_view name, nb, nn, en, dpv;\n  bool portable, special, client;\n};\n"
      << "inline constexpr std::array<CategoryInfo, " << model.categories.size() << "> categories{{\n";
  for (const auto& row : model.categories)
    out << "    {" << quoted(row.name) << ", " << quoted(row.nb) << ", " << quoted(row.nn) << ", " << quoted(row.en) << ", "
        << quoted(row.dpv) << ", " << yes(row.portable) << ", " << yes(row.special) << ", " << yes(row.client) << "},\n";
  out << "}};\n\n";
}

void emit_events(std::ostream& out, const Model& model) {
  out << "// A pointer of an event's body: its place, whose it is (a category number, or -1: public), its struct's capnp type "
         "id.\n"
      << "struct Pointer {\n  std::uint16_t index;\n  std::int8_t category;\n  std::uint64_t type;\n  std::string_view "
         "field;\n};\n"
      << "struct EventInfo {\n  std::uint16_t tag;\n  std::string_view name;\n  std::uint64_t body_id;  // capnp type id\n"
      << "  std::uint16_t touches;  // category mask, without the public part\n  bool touches_public;\n"
      << "  std::span<const Pointer> pointers;\n};\n\n";
  for (const auto& event : model.events) {
    if (event.pointers.empty()) continue;
    out << "inline constexpr Pointer pointers_" << event.tag << "[] = {";
    for (const auto& p : event.pointers)
      out << "{" << p.index << ", " << p.category << ", 0x" << std::hex << p.type << std::dec << "ULL, " << quoted(p.field)
          << "}, ";
    out << "};\n";
  }
  out << "inline constexpr std::array<EventInfo, " << model.events.size() << "> events{{  // index = tag\n";
  for (std::size_t tag = 0; tag < model.events.size(); ++tag) {
    const auto& event = model.events[tag];
    unsigned touches = 0;
    bool touches_public = false;
    for (const auto& p : event.pointers) {
      if (p.category == public_category)
        touches_public = true;
      else
        touches |= 1U << p.category;
    }
    out << "    {" << tag << ", " << quoted(event.name) << ", 0x" << std::hex << event.body_id << "ULL, 0x" << touches << std::dec
        << ", " << yes(touches_public) << ", " << (event.pointers.empty() ? "{}" : "pointers_" + std::to_string(tag)) << "},\n";
  }
  out << "}};\n\n";
}

void emit_types(std::ostream& out, const Model& model) {
  out << "// Structs that belong to a category, by capnp type id (sorted).\n"
      << "struct TypeInfo {\n  std::uint64_t id;\n  std::int8_t category;\n  std::string_view name;\n};\n"
      << "inline constexpr std::array<TypeInfo, " << model.types.size() << "> types{{\n";
  for (const auto& type : model.types)
    out << "    {0x" << std::hex << type.id << std::dec << "ULL, " << type.category << ", " << quoted(type.name) << "},\n";
  out << "}};\n\n";
}

}  // namespace

std::string emit(const Model& model) {
  std::ostringstream out;
  out << "// Made by capnpc-taus from the annotations of the schema. Do not edit.\n#pragma once\n\n"
      << "#include <array>\n#include <cstdint>\n#include <span>\n#include <string_view>\n\n";
  emit_categories(out, model);
  out << "namespace taus::schema::tables {\n\n";
  emit_category_table(out, model);
  emit_events(out, model);
  emit_types(out, model);
  out << "// Ids of the annotations.\n";
  for (const auto& [name, id] : model.annotations)
    out << "inline constexpr std::uint64_t annotation_" << name << " = 0x" << std::hex << id << std::dec << "ULL;\n";
  out << "\n// Where things are in an Event.\n"
      << "inline constexpr unsigned event_data_words = " << model.event_data_words << ";\n"
      << "inline constexpr unsigned event_tag_offset = " << model.event_tag_offset << ";  // in 16-bit units\n"
      << "inline constexpr unsigned event_pointers = " << model.event_pointers << ";\n"
      << "inline constexpr unsigned head_pointer = " << model.head_pointer << ";\n"
      << "inline constexpr unsigned body_pointer = " << model.body_pointer << ";\n\n"
      << "}  // namespace taus::schema::tables\n";
  return out.str();
}

}  // namespace taus::plugin
