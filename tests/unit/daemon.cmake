if(TARGET taus_daemon_settings)
  taus_test(daemon_test SOURCES daemon_config_test.cc daemon_host_test.cc LIBS taus_daemon_settings)
endif()
