taus_test(vault_test
  SOURCES vault_node_test.cc vault_key_test.cc vault_crash_test.cc vault_adversary_test.cc vault_model_test.cc
          vault_rawslot_test.cc vault_delta_test.cc
  LIBS taus_vault rapidcheck)
