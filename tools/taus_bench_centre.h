// A real tausd with clients in it, for as long as this object lives.
//
// Threads:   one.
// Ownership: the daemon's process and its directory, which must not exist before; both end with it.
// Errors:    what the daemon answers; unavailable: it did not start, its last words are in DIRECTORY/stderr.txt.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "eventstore/base/result.h"
#include "tools/client.h"

namespace taus::bench {

class Centre {
 public:
  // `program` is tausd. Starts it and makes a counsellor with `clients` clients.
  static Result<std::unique_ptr<Centre>> open(const std::string& program, const std::string& directory, std::size_t clients);
  ~Centre();
  Centre(const Centre&) = delete;
  Centre& operator=(const Centre&) = delete;

  [[nodiscard]] std::string socket() const { return directory_ + "/run/frontend.sock"; }
  [[nodiscard]] const std::string& counsellor() const noexcept { return counsellor_; }
  [[nodiscard]] const std::vector<std::string>& clients() const noexcept { return clients_; }
  // More clients, by the booking form; counsellors, whose ids are given back; all clients' data shredded.
  Result<void> add_clients(std::size_t count);
  Result<std::vector<std::string>> hire(std::size_t count);
  Result<void> shred_clients();
  [[nodiscard]] std::uint64_t resident_bytes() const;
  // Number of events in the journal.
  [[nodiscard]] Result<std::uint64_t> events() const;
  // Processor time that the daemon has used so far, all threads.
  [[nodiscard]] double processor_seconds() const;
  // Ends the daemon and starts it again: seconds from exec to the line that says it serves.
  Result<double> restart();

 private:
  Centre(std::string program, std::string directory) : program_(std::move(program)), directory_(std::move(directory)) {}
  Result<void> start();
  void stop();
  Result<void> populate(std::size_t clients);
  std::string program_;
  std::string directory_;
  pid_t process_ = -1;
  std::string counsellor_;
  std::vector<std::string> clients_;
};

// Sends one request for each number and hands over the replies in order; the first refusal ends it.
Result<void> each(tools::Client& client, std::size_t count, const std::function<void(std::size_t, api::Request::Builder)>& ask,
                  const std::function<void(std::size_t, api::Response::Reader)>& take);

}  // namespace taus::bench
