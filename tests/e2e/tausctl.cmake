if(TARGET tausctl)
  taus_python_test(e2e_tausctl SCRIPT tausctl_test.py ARGS $<TARGET_FILE:tausctl> ${TAUS_API_LAYOUT})
endif()
