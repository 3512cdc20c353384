// The daemon's settings: taus.toml, then taus.toml.d/*.toml in order of name, later wins. docs/OPERATIONS.md "Configuration".
//
// Threads: values. Errors: every mistake of every file with file, line and reason, not only the first; unknown keys are mistakes.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "daemon/logging.h"
#include "daemon/net/principals.h"

namespace taus {

struct ReplicaPlace {
  std::string name;
  std::string dir;
};

struct Config {
  std::string profile;                 // "vt", "mt" or the path of a profile file
  std::string data_dir;                // the store
  std::string root_dir;                // root key, floor, shred delta
  std::string run_dir;                 // sockets
  std::string root_store = "rawslot";  // or "tpm2-nv"
  std::string root_device;             // path of a partition for the root key; empty: root_dir/root.slots
  std::string tpm_tcti = "device:/dev/tpmrm0";
  std::uint32_t tpm_index = 0x018001a0;  // the first of two
  std::string tpm_password;              // path; empty: the credential taus.tpm-password
  std::string log_key;                   // path; empty: the credential taus.log-key, else root_dir/log.key
  log::Level log_level = log::Level::info;
  int purge_days = 7;                  // within which the ciphertext of what was shredded leaves the files
  std::vector<ReplicaPlace> replicas;  // copies of the keys that a shred waits for
  std::array<std::string, 3> groups;   // of each socket, by SocketRole; empty: taus-frontend, ... where there is such a group
  std::vector<net::ConfiguredPrincipal> principals;
};

struct ReadConfig {
  Config config;
  std::vector<std::string> mistakes;  // none: config is complete
  std::vector<std::string> warnings;  // accounts that do not exist (yet)
};

ReadConfig read_config(const std::string& path);

// "frontend", "auditor", "operator".
std::string_view to_string(service::SocketRole role) noexcept;

}  // namespace taus
