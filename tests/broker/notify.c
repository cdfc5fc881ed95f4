/* Stands in for systemd: listens at NOTIFY_SOCKET and writes down what a service says, a line a datagram:
 *
 *     MONOTONIC-MICROSECONDS FIELD<tab>FIELD...
 *
 * Ends when it is killed, or with the shell that started it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what) {
    fprintf(stderr, "notify: %s: %s\n", what, strerror(errno));
    return 1;
}

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    return fd;
}

static int write_down(int out, char *text, size_t length) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    while (length > 0 && text[length - 1] == '\n')
        length--;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\n')
            text[i] = '\t';
    return dprintf(out, "%lld %.*s\n", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000, (int)length, text);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: notify SOCKET FILE\n", stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int in = listen_at(argv[1]);
    if (in < 0)
        return fail(argv[1]);
    int out = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (out < 0)
        return fail(argv[2]);
    char text[65536];
    for (;;) {
        ssize_t n = recv(in, text, sizeof text, 0);
        if (n < 0)
            return fail("recv");
        if (write_down(out, text, (size_t)n) < 0)
            return fail(argv[2]);
    }
}
