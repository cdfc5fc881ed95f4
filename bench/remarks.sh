# What doc/performance.md says of a row that misses its limit, and of the curve. The run decides which are said.
# shellcheck shell=bash disable=SC2034

REMARK_ONE='the snapshot is on the disk before the request is sent (S1): one fdatasync of 0.3 to 5 ms, as the brokers use the
  same disk. All else until the request is sent takes a millisecond, and so does the answer until it is said.'
REMARK_AMONG='as for one file; and a turn walks what is known, some 11 million instructions at 10,000 manifests that come from
  memory rather than from a cache, 6 ms until the request is sent. The look at all of the directory is not waited for (doc/architecture.md),
  unless Kafka takes longer than 0.12 s.'
REMARK_BURST='for some 60 ms before the batch is sent the files are read, checked and saved, and after it they are read once
  more, since what is younger than a tenth of a second is not trusted; each file and each topic has its line in the
  journal. On two processors all of that is taken from the brokers.'
REMARK_FIRST='what is beyond the floor is the 0.2 s in which manifests are parsed before anything can be sent, and the 20,000
  lines of the journal; the rest is taken from the broker, which shares the processors.'
REMARK_RESTART='before the first question everything is read and parsed, which takes 0.2 s of CPU.'
REMARK_DELETE='the command has to start, the directory is looked at once more, and the answer and the time of 2,000 requests are on
  the disk before the one request is sent (D2, S1); then come a line in the journal for each topic, and a status that
  names them all, twice, 10 µs each. All of that is taken from the processors that the brokers need.'
REMARK_MEMORY='a session with Kafka that has just asked about 20,000 topics has that much more, until it is let go a minute
  later.'
REMARK_RESYNC='a third is a look at all files, most of it a stat() of each in the kernel, and a third librdkafka, which walks a
  whole request for each topic of its answer (which is why questions go in requests of 250).'
REMARK_START='that is the dynamic linker: librdkafka and libsystemd bring 13 libraries (TLS, SASL, compression) along, with 30,000
  relocations. Loading them only when they are needed would make the house uglier than a few milliseconds are worth.'
KNEE='**Start**: below some 200 manifests it is the process itself, 4 ms. From there on it is linear, some 20 µs a manifest, nearly
all of which is parsing; the sorting, which is n log n, does not show. **One change**: nothing is read, parsed or written but
what changed; but a turn walks what is known (some 1,100 instructions a manifest), which shows from 1,000 manifests on. The
knee is between 10,000 and 100,000, where what it walks, 2 KiB a manifest, no longer fits into the caches of a processor.
**Memory**: 7 MiB, most of them of the libraries, and 2.1 KiB a manifest.'
