import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** Topics made by Kafka's own client, one request a topic or one for all: Neighbour BOOTSTRAP one|batch N NAME. Prints
 * "requests MS"; the connection stands before. */
public class Neighbour {
    static void create(Admin admin, Collection<NewTopic> topics) throws Exception {
        admin.createTopics(topics).all().get();
    }

    public static void main(String[] args) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[2]); i++)
            topics.add(new NewTopic(args[3] + "-" + i, 1, (short) 1)
                    .configs(Map.of("max.message.bytes", "1000000000")));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            admin.describeCluster().clusterId().get();
            long start = System.nanoTime();
            if (args[1].equals("batch"))
                create(admin, topics);
            else
                for (NewTopic topic : topics)
                    create(admin, List.of(topic));
            System.out.printf("requests %.3f%n", (System.nanoTime() - start) / 1e6);
        }
    }
}
