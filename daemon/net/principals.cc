#include "daemon/net/principals.h"

#include <algorithm>

namespace taus::net {
namespace {
constexpr unsigned overflow_uid = 65534;
}

void Principals::set(const std::vector<ConfiguredPrincipal>& configured) {
  std::vector<const ConfiguredPrincipal*> next;
  for (const ConfiguredPrincipal& wanted : configured) {
    const auto known = std::find(all_.begin(), all_.end(), wanted);
    next.push_back(known != all_.end() ? &*known : &all_.emplace_back(wanted));
  }
  current_ = std::move(next);
}

const service::Principal* Principals::find(service::SocketRole socket, unsigned uid) const {
  if (uid == overflow_uid) return nullptr;
  for (const ConfiguredPrincipal* p : current_) {
    if (p->uid == uid && p->principal.socket == socket) return &p->principal;
  }
  return nullptr;
}

bool Principals::current(const service::Principal* principal) const {
  return std::any_of(current_.begin(), current_.end(), [&](const ConfiguredPrincipal* p) { return &p->principal == principal; });
}

}  // namespace taus::net
