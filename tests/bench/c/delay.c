/* Answers every request exactly so many microseconds after it has come in: delay PORT MICROSECONDS
 *
 * All wait equally long, so who came first is answered first: a ring is all the order there is.
 * The last stretch before an answer is due is spent looking, not sleeping: a sleeper wakes late.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS = 20000, WAITING = 1 << 20, BATCH = 256, STRETCH = 100000 /* ns */ };

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
static const char END[] = "\r\n\r\n";

static struct { int socket; uint32_t life; int64_t due; } ring[WAITING];
static uint64_t first, next;             /* in the ring: those from first up to next wait */
static uint32_t life[DESCRIPTORS];       /* counts the connections that had this descriptor */
static unsigned char seen[DESCRIPTORS];  /* bytes of END that the last read ended with */

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void hang_up(int socket) {
    life[socket]++;
    close(socket);
}

static void accept_all(int listener, int poll) {
    int socket, on = 1;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (socket >= DESCRIPTORS) {
            close(socket);
            continue;
        }
        struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        seen[socket] = 0;
        if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event)) err(1, "epoll_ctl");
    }
}

static void take(int socket, int64_t delay) {
    char data[16384];
    ssize_t size = recv(socket, data, sizeof data, 0);
    if (size <= 0) {
        hang_up(socket);
        return;
    }
    int64_t due = now() + delay;
    for (ssize_t i = 0; i < size; i++) {
        seen[socket] = data[i] == END[seen[socket]] ? seen[socket] + 1 : data[i] == '\r';
        if (seen[socket] < 4) continue;
        seen[socket] = 0;
        if (next - first == WAITING) errx(1, "more than %d requests wait", WAITING);
        ring[next % WAITING].socket = socket;
        ring[next % WAITING].life = life[socket];
        ring[next++ % WAITING].due = due;
    }
}

static void answer_due(void) {
    for (; first < next && ring[first % WAITING].due <= now(); first++) {
        int socket = ring[first % WAITING].socket;
        if (ring[first % WAITING].life == life[socket])
            send(socket, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL);
    }
}

static int wait_for(int poll, struct epoll_event *events) {
    int64_t left = first < next ? ring[first % WAITING].due - now() - STRETCH : INT64_MAX;
    if (left <= 0) return epoll_wait(poll, events, BATCH, 0);
    struct timespec most = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    return epoll_pwait2(poll, events, BATCH, left == INT64_MAX ? NULL : &most, NULL);
}

int main(int count, char **arguments) {
    if (count != 3) errx(2, "usage: delay PORT MICROSECONDS");
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0), on = 1;
    int64_t delay = atoll(arguments[2]) * 1000;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1]))};
    struct epoll_event events[BATCH], listening = {.events = EPOLLIN, .data.fd = listener};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) err(1, "listen");
    if (epoll_ctl(poll, EPOLL_CTL_ADD, listener, &listening)) err(1, "epoll_ctl");
    for (;;) {
        int ready = wait_for(poll, events);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) accept_all(listener, poll);
            else take(events[i].data.fd, delay);
        }
        answer_due();
    }
}
