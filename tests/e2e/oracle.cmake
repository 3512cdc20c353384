# The independent retention oracle against the command as it is shipped.
if(TARGET tausctl)
  foreach(profile vt mt)
    taus_python_test(e2e_retention_oracle_${profile} SCRIPT retention_oracle.py
      ARGS --profile ${profile} --cases 10000 --seed 20261122 -- $<TARGET_FILE:tausctl> policy explain)
  endforeach()
endif()
