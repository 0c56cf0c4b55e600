"""The console in the private port: files that the build of the package has put into `built/`."""
