# The independent retention oracle against the command as it is shipped.
if(TARGET tausctl)
  foreach(profile vt mt)
    taus_python_test(e2e_retention_oracle_${profile} SCRIPT retention_oracle.py
      ARGS --profile ${profile} --cases 10000 --seed 20261122 -- $<TARGET_FILE:tausctl> policy explain)
  endforeach()
endif()
# The same rules where they are lived: random histories through the daemon, by its clock.
if(TARGET tausd AND TARGET taus_api)
  foreach(profile vt mt)
    taus_python_test(e2e_retention_played_${profile} SCRIPT retention_played_test.py ARGS ${CMAKE_BINARY_DIR} ${profile} TIMEOUT 7200)
  endforeach()
  taus_python_test(e2e_retention_played_planted SCRIPT retention_played_test.py ARGS ${CMAKE_BINARY_DIR} vt --forget holds)
  taus_python_test(e2e_retention_played_planted_answers SCRIPT retention_played_test.py ARGS ${CMAKE_BINARY_DIR} mt --forget answers)
endif()
