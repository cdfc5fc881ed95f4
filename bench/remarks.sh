# What doc/performance.md says of a row that misses its limit, and of the curve. The run decides which are said.
# shellcheck shell=bash disable=SC2034

REMARK_ONE='two processes share two processors with the broker, and a fsync of the snapshot comes before the request (S1);
  p99 is the broker'"'"'s own.'
REMARK_AMONG='a look at all of the directory is not waited for (see doc/architecture.md), but each turn still walks what is
  known, some 13 million instructions at 10,000 manifests, and the broker shares the processors with the look.'
REMARK_DELETE='before a deletion a new session is opened, so that the cluster id is one of now (D5): one connection.'
REMARK_MEMORY='a session with Kafka that has just asked about 20,000 topics has that much more, until it is closed a minute
  later.'
REMARK_RESYNC='20,000 names are asked about: librdkafka builds the requests and reads the answers, which is most of it.'
REMARK_START='the time is the dynamic linker'"'"'s: librdkafka brings 13 libraries (TLS, SASL, compression) along.'
KNEE='All steps are linear but for sorting. The knee is where the processor'"'"'s caches end.'
