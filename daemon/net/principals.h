// Who may connect where: configured principals, looked up by the uid that the kernel reports for the peer.
//
// Threads: io. Principals handed out live as long as this object, also those that a reload took away: requests under way
//          point at them.
#pragma once

#include <deque>
#include <vector>

#include "daemon/service/service.h"

namespace taus::net {

struct ConfiguredPrincipal {
  service::Principal principal;
  unsigned uid = 0;
  friend bool operator==(const ConfiguredPrincipal& a, const ConfiguredPrincipal& b) {
    return a.uid == b.uid && a.principal.name == b.principal.name && a.principal.socket == b.principal.socket &&
           a.principal.speaks_for_staff == b.principal.speaks_for_staff && a.principal.books == b.principal.books &&
           a.principal.developer == b.principal.developer;
  }
};

class Principals {
 public:
  // Replaces who may connect. What is unchanged keeps its address.
  void set(const std::vector<ConfiguredPrincipal>& configured);
  // Null: unknown peer. The overflow uid (65534) never matches: it stands for everybody that a namespace cannot name.
  [[nodiscard]] const service::Principal* find(service::SocketRole socket, unsigned uid) const;
  [[nodiscard]] bool current(const service::Principal* principal) const;

 private:
  std::deque<ConfiguredPrincipal> all_;  // grows only
  std::vector<const ConfiguredPrincipal*> current_;
};

}  // namespace taus::net
