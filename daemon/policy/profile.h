// placeholder: owned by the policy slice
#pragma once
namespace taus::policy { struct Profile; }
