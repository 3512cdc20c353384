// The access package as files: what a client gets who asks for access (art. 15) or portability (art. 20). One page to read, the same for
// machines, and a manifest that names every file with its hash.
//
// Threads: one. Errors: version_conflict: the directory exists; io. docs/PACKAGE.md describes every file.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/base/random.h"
#include "eventstore/base/result.h"
#include "eventstore/base/zone.h"

namespace taus::tools {

struct PackageWritten {
  std::size_t files = 0;
  std::string manifest;     // SHA-256 of manifest.json, in hexadecimal
  std::string without_pdf;  // why there is no index.pdf; empty: there is
};
struct PackageFile {
  std::string name, text;
};

// Makes the directory (0700) and the files (0600). `language`: nb, nn or en; empty: nb.
// `random` makes the manifest's salt: its hash is journalled and must not tell, years later, whether a guess at the content is right.
Result<PackageWritten> write_package(api::Package::Reader package, const std::string& language, const std::string& directory,
                                     Random& random);
// The files without PDF and manifest, the page to read first.
Result<std::vector<PackageFile>> package_files(const nlohmann::ordered_json& package, const std::string& language);
// package_linked.cc: the client's appointments as iCalendar, consent and processing as JSON-LD; empty: there are none.
Result<std::string> package_calendar(const nlohmann::ordered_json& package, const Zone& zone);
std::string package_consent(const nlohmann::ordered_json& package);
std::string package_processing(const nlohmann::ordered_json& package);
// The page to read (package_html.cc). `beside`: names of the files that say the same to machines; CSV files are spoken of as a kind.
std::string package_html(const nlohmann::ordered_json& package, const std::string& language,
                         const std::vector<std::string>& beside);

// What a field is called in this language, by its label or our own word; its name where it has neither.
std::string label_of(const nlohmann::ordered_json& package, const std::string& category, const std::string& field,
                     const std::string& language);
// A text of the JSON, "" where it is null or missing.
std::string text_at(const nlohmann::ordered_json& in, const char* key);
// A value as people read it: lists with commas, absent as "".
std::string shown_value(const nlohmann::ordered_json& value);

}  // namespace taus::tools
