# make deb, make rpm: the packages, in build/packages. Both are made from one copy of the source, and byte by byte the
# same from the same source.
PACKAGE_SOURCE := $(filter-out build build-%,$(wildcard *)) .clang-format .clang-tidy .ci
PACKAGES_DIR := $(abspath build/packages)
SOURCE_NAME := topicd-$(VERSION)
PACKAGE_EPOCH = $(shell dpkg-parsechangelog -l packaging/deb/changelog -S Timestamp)

.PHONY: deb rpm deps-deb deps-rpm
deps-deb:
	@$(DEPS) build check deb
deps-rpm:
	@$(DEPS) build check rpm

# The tests are make check's business; a build of the package alone runs the unit tests.
deb: deps-deb
	rm -rf build/deb
	mkdir -p build/deb/$(SOURCE_NAME) $(PACKAGES_DIR)
	cp -a $(PACKAGE_SOURCE) build/deb/$(SOURCE_NAME)
	mv build/deb/$(SOURCE_NAME)/packaging/deb build/deb/$(SOURCE_NAME)/debian
	cd build/deb/$(SOURCE_NAME) && env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u B -u CFLAGS -u CPPFLAGS -u LDFLAGS \
		DEB_BUILD_OPTIONS='nocheck parallel=2' dpkg-buildpackage -b -us -uc -ui >../log 2>&1 || { tail -n 30 ../log; exit 1; }
	rm -f $(PACKAGES_DIR)/*.deb
	cp build/deb/*.deb $(PACKAGES_DIR)
	lintian -EIL +pedantic --fail-on error,warning --allow-root build/deb/*.changes
	blhc --bindnow build/deb/log

rpm: deps-rpm
	rm -rf build/rpm
	mkdir -p build/rpm/SOURCES build/rpm/$(SOURCE_NAME) $(PACKAGES_DIR)
	cp -a $(PACKAGE_SOURCE) build/rpm/$(SOURCE_NAME)
	tar --sort=name --mtime=@$(PACKAGE_EPOCH) --owner=0 --group=0 --numeric-owner --mode=go-w,a+rX -C build/rpm \
		-c $(SOURCE_NAME) | gzip -n >build/rpm/SOURCES/$(SOURCE_NAME).tar.gz
	cp packaging/rpm/topicd.spec build/rpm/SOURCES
	touch -d @$(PACKAGE_EPOCH) build/rpm/SOURCES/*
	env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u B -u CFLAGS -u CPPFLAGS -u LDFLAGS \
		rpmbuild -ba --nodeps --without check $(if $(wildcard /usr/lib/rpm/macros.d/macros.systemd),, \
			--load packaging/rpm/macros.standin) \
		-D "_topdir $(abspath build/rpm)" -D "_dbpath $(abspath build/rpm/db)" -D '_buildhost builder' \
		-D 'use_source_date_epoch_as_buildtime 1' -D 'source_date_epoch_from_changelog 1' \
		-D 'clamp_mtime_to_source_date_epoch 1' build/rpm/SOURCES/topicd.spec >build/rpm/log 2>&1 || \
		{ tail -n 30 build/rpm/log; exit 1; }
	rm -f $(PACKAGES_DIR)/*.rpm
	cp build/rpm/RPMS/*/*.rpm build/rpm/SRPMS/*.rpm $(PACKAGES_DIR)
	rpmlint --strict -c packaging/rpm/rpmlint.toml packaging/rpm/topicd.spec \
		$(PACKAGES_DIR)/topicd-$(VERSION)-*.rpm
