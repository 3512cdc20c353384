#include "tools/package_files.h"

#include <cerrno>

#include <capnp/dynamic.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eventstore/base/bytes.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/schema/json.h"
#include "tools/package_words.h"
#include "tools/pdf.h"

namespace taus::tools {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* schema_version = "1";

// RFC 4180.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string csv_of(const Json& package, const std::string& category, const std::string& language) {
  std::string out = "at,event,field,name,value,role\r\n";
  for (const Json& part : package.at("parts")) {
    if (text_at(part, "category") != category || !part.at("content").is_object()) continue;
    for (const auto& [field, value] : part.at("content").items()) {
      if (value.is_null() || field == "noticeHash") continue;  // which nobody reads; the files for machines have it
      out += csv_field(text_at(part, "at")) + "," + csv_field(text_at(part, "type")) + "," + csv_field(field) + "," +
             csv_field(label_of(package, category, field, language)) + "," + csv_field(shown_value(value)) + "," +
             csv_field(text_at(part, "role")) + "\r\n";
    }
  }
  return out;
}

Json data_of(const Json& package) {
  Json out{{"schemaVersion", schema_version}};
  for (const char* key : {"request", "subject", "kind", "receivedAt", "madeAt", "centre", "controller", "contact", "officer",
                          "processors", "notice", "noticeDate"})
    out[key] = package.at(key);
  out["source"] = "dataSubject";
  out["automatedDecisions"] = false;
  out["categories"] = package.at("categories");
  Json data = Json::object();
  for (const Json& part : package.at("parts"))
    data[text_at(part, "category")].push_back(
        {{"at", part.at("at")}, {"event", part.at("type")}, {"role", part.at("role")}, {"content", part.at("content")}});
  out["data"] = data;
  out["withheld"] = package.at("withheld");
  out["complaintTo"] = package.at("complaintTo");
  return out;
}

Result<void> write_file(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return Error(ErrorCode::io, "Cannot write the file " + path + ".");
  std::size_t done = 0;
  while (done < text.size()) {
    const ::ssize_t n = ::write(file, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  const bool kept = done == text.size() && ::fsync(file) == 0;
  if (::close(file) != 0 || !kept) return Error(ErrorCode::io, "Cannot write all of " + path + ".");
  return {};
}

std::string hash_of(const std::string& text) { return to_hex(crypto::sha256({view(text)})); }

}  // namespace

std::string text_at(const Json& in, const char* key) {
  const auto it = in.find(key);
  return it == in.end() || it->is_null() ? std::string() : it->is_string() ? it->get<std::string>() : it->dump();
}

std::string shown_value(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const Json& one : value) out += (out.empty() ? "" : ", ") + shown_value(one);
  return out;
}

std::string label_of(const Json& package, const std::string& category, const std::string& field, const std::string& language) {
  for (const Json& one : package.at("labels"))
    if (text_at(one, "category") == category && text_at(one, "field") == field) return text_at(one, language.c_str());
  if (const Words* own = field_words(field)) return own->in(language);
  return field;
}

Result<std::vector<PackageFile>> package_files(const Json& package, const std::string& language) {
  TAUS_TRY_ASSIGN(const Zone zone, Zone::load());
  std::vector<PackageFile> out(1);  // the page comes first, and names the others
  const Json data = data_of(package);
  out.push_back({"data.json", data.dump(1) + "\n"});
  for (const auto& [category, rows] : data.at("data").items()) {
    static_cast<void>(rows);
    out.push_back({category + ".csv", csv_of(package, category, language)});
  }
  TAUS_TRY_ASSIGN(const std::string calendar, package_calendar(package, zone));
  if (!calendar.empty()) out.push_back({"appointments.ics", calendar});
  if (const std::string consent = package_consent(package); !consent.empty()) out.push_back({"consent.jsonld", consent});
  out.push_back({"processing.jsonld", package_processing(package)});
  std::vector<std::string> beside;
  for (std::size_t i = 1; i < out.size(); ++i) beside.push_back(out[i].name);
  out.front() = {"index.html", package_html(package, language, beside)};
  return out;
}

Result<PackageWritten> write_package(api::Package::Reader from, const std::string& language, const std::string& directory,
                                     Random& random) {
  const std::string spoken = language.empty() ? "nb" : language;
  const Json package = Json::parse(schema::write_json(capnp::DynamicStruct::Reader(from)));
  if (::mkdir(directory.c_str(), S_IRWXU) != 0) {
    if (errno == EEXIST)
      return Error(ErrorCode::version_conflict, "The directory " + directory + " exists: name a new one for the package.");
    return Error(ErrorCode::io, "Cannot make the directory " + directory + ".");
  }
  Hash32 salt{};
#ifndef TAUS_PLANT_NO_SALT
  random.fill(salt);
#else
  static_cast<void>(random);
#endif
  Json manifest{{"schemaVersion", schema_version},
                {"salt", to_hex(salt)},
                {"request", package.at("request")},
                {"generatedAt", package.at("madeAt")},
                {"files", Json::array()}};
  PackageWritten out;
  TAUS_TRY_ASSIGN(std::vector<PackageFile> files, package_files(package, spoken));
  if (Result<std::string> pdf = pdf_of(files.front().text)) {
    files.push_back({"index.pdf", std::move(*pdf)});
  } else {
    out.without_pdf = pdf.error().message;
  }
  for (const PackageFile& file : files) {
    TAUS_TRY(write_file(directory + "/" + file.name, file.text));
    manifest["files"].push_back({{"name", file.name}, {"bytes", file.text.size()}, {"sha256", hash_of(file.text)}});
    ++out.files;
  }
  const std::string text = manifest.dump(1) + "\n";
  TAUS_TRY(write_file(directory + "/manifest.json", text));
  ++out.files;
  out.manifest = hash_of(text);
  return out;
}

}  // namespace taus::tools
