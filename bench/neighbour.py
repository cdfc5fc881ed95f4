"""Topics made by confluent-kafka's client, one request a topic or one for all: neighbour.py BOOTSTRAP one|batch N NAME.
Prints "requests MS"; the connection stands before. With no argument: its version."""
import sys
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic


def create(admin, topics):
    for future in admin.create_topics(topics, request_timeout=60).values():
        future.result()


if len(sys.argv) == 1:
    print(confluent_kafka.version(), confluent_kafka.libversion()[0])
    sys.exit()
bootstrap, mode, count, name = sys.argv[1:]
topics = [
    NewTopic(f"{name}-{i}", num_partitions=1, replication_factor=1, config={"max.message.bytes": "1000000000"})
    for i in range(int(count))
]
admin = AdminClient({"bootstrap.servers": bootstrap})
admin.list_topics(timeout=60)
start = time.monotonic()
if mode == "batch":
    create(admin, topics)
else:
    for topic in topics:
        create(admin, [topic])
print(f"requests {(time.monotonic() - start) * 1e3:.3f}")
