/* The viewer workload in a bare epoll loop: what the kernel and a few lines of C cost.
 *
 *   viewers PORT PATH VIEWERS PERIOD RAMP SETTLE MEASURE CORE
 *
 * Every viewer has a connection of its own to 127.0.0.1:PORT and asks each PERIOD seconds for the
 * playlist, then for the part it names last. An open loop: a round is due whatever came back, and
 * one that is due while the last is under way begins as soon as that is done, late. A %d in PATH is
 * the viewer's number. Says "measuring" when the measured stretch begins, then figures as JSON.
 *
 * It trusts the server as no tester may: no time-outs, no recording, answers with a content length,
 * or chunked if they fit into one read. What it does not understand counts as a failure.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PER_SOURCE = 5000, EVENTS = 256, BUFFER = 65536, URL = 256 };
enum state { CONNECTING, IDLE, PLAYLIST, SEGMENT, DEAD };

struct viewer {
    int fd;
    enum state state;
    long left;   /* of the body */
    double owed; /* a round that is due and has not begun; 0: none */
};

static struct viewer *viewers;
static struct sockaddr_in target;
static const char *path;
static int count, loop;
static double *lags; /* of the measured stretch */
static long lag_count, lag_room, requests, failures;
static char buffer[BUFFER + 1];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec * 1e-9;
}

static double cpu(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec + used.tv_nsec * 1e-9;
}

static void lost(struct viewer *v)
{
    failures++;
    close(v->fd);
    v->state = DEAD;
}

static void ask(struct viewer *v, enum state state, const char *url)
{
    char request[URL + 100];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n\r\n", url);
    if (send(v->fd, request, size, MSG_NOSIGNAL) != size)
        lost(v);
    else
        v->state = state;
}

static void begin(struct viewer *v)
{
    char url[URL];
    double late = now() - v->owed;
    if (lag_count < lag_room)
        lags[lag_count++] = late;
    v->owed = 0;
    snprintf(url, sizeof url, path, (int)(v - viewers));
    ask(v, PLAYLIST, url);
}

static void due(struct viewer *v, double at)
{
    if (v->state == DEAD)
        return;
    if (v->owed == 0) /* else it is later still: the first one due says how late */
        v->owed = at;
    if (v->state == IDLE)
        begin(v);
}

static void connect_to(struct viewer *v)
{
    int one = 1, number = (int)(v - viewers);
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = v};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + number / PER_SOURCE);
    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (v->fd < 0)
        die("socket");
    setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(v->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(v->fd, (struct sockaddr *)&from, sizeof from) < 0)
        die("bind");
    if (connect(v->fd, (struct sockaddr *)&target, sizeof target) < 0 && errno != EINPROGRESS)
        die("connect");
    v->state = CONNECTING;
    if (epoll_ctl(loop, EPOLL_CTL_ADD, v->fd, &event) < 0)
        die("epoll_ctl");
}

/* The segment named last in a playlist, beside the playlist. */
static void ask_segment(struct viewer *v, char *body)
{
    char url[URL], base[URL];
    char *end = strstr(body, "\r\n0\r\n\r\n"); /* chunked */
    end = end ? end : body + strlen(body);
    while (end > body && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    *end = 0;
    char *line = strrchr(body, '\n');
    snprintf(base, sizeof base, path, (int)(v - viewers));
    strrchr(base, '/')[1] = 0;
    if (!line || snprintf(url, sizeof url, "%s%s", base, line + 1) >= (int)sizeof url)
        lost(v);
    else
        ask(v, SEGMENT, url);
}

static void answered(struct viewer *v, char *body)
{
    requests++;
    if (v->state == PLAYLIST) {
        ask_segment(v, body);
        return;
    }
    v->state = IDLE;
    if (v->owed)
        begin(v);
}

/* How much of the body is still to come; negative: nothing this program understands. */
static long missing(char *body, long have)
{
    char *length = strcasestr(buffer, "\r\ncontent-length:");
    if (strncmp(buffer, "HTTP/1.1 200", 12))
        return -1;
    if (length && length < body)
        return atol(length + 17) - have;
    return have >= 5 && !strcmp(body + have - 5, "0\r\n\r\n") ? 0 : -1;
}

static void head(struct viewer *v, long size)
{
    buffer[size] = 0;
    char *body = strstr(buffer, "\r\n\r\n");
    v->left = body ? missing(body + 4, size - (body + 4 - buffer)) : -1;
    if (v->left < 0 || (v->left > 0 && v->state == PLAYLIST))
        lost(v);
    else if (v->left == 0)
        answered(v, body + 4);
}

/* Edge-triggered: a read that got less than it asked for has emptied the socket. */
static void readable(struct viewer *v)
{
    long most, size;
    do {
        /* with MSG_TRUNC the kernel drops what nobody reads: tcp(7) */
        most = v->left ? v->left : BUFFER;
        size = recv(v->fd, v->left ? NULL : buffer, most, v->left ? MSG_TRUNC : 0);
        if (size < 0 && errno == EAGAIN)
            return;
        if (size <= 0 || (v->state != PLAYLIST && v->state != SEGMENT))
            lost(v);
        else if (v->left == 0)
            head(v, size);
        else if ((v->left -= size) == 0)
            answered(v, NULL);
    } while (v->state != DEAD && v->left > 0 && size == most);
}

static void turn(int timeout)
{
    static struct epoll_event events[EVENTS];
    int ready = epoll_wait(loop, events, EVENTS, timeout);
    for (int i = 0; i < ready; i++) {
        struct viewer *v = events[i].data.ptr;
        if (v->state == CONNECTING && events[i].events & EPOLLOUT) {
            v->state = IDLE;
            if (v->owed)
                begin(v);
        }
        if (v->state != DEAD && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            readable(v);
    }
}

/* Viewer i comes at i * gap and is due each period from then: two queues that are in order. */
struct schedule {
    double start, gap, period;
    int arrived;
    int *order; /* a ring of who is due next */
    double *at;
    long first, last;
};

static double next_due(const struct schedule *s)
{
    double arrival = s->arrived < count ? s->start + s->arrived * s->gap : INFINITY;
    double round = s->first < s->last ? s->at[s->first % count] : INFINITY;
    return fmin(arrival, round);
}

static void ring(struct schedule *s)
{
    double at = next_due(s);
    int who;
    if (s->first < s->last && s->at[s->first % count] == at) {
        who = s->order[s->first++ % count];
    } else {
        who = s->arrived++;
        connect_to(&viewers[who]);
    }
    s->order[s->last % count] = who;
    s->at[s->last++ % count] = at + s->period;
    due(&viewers[who], at);
}

static void run(struct schedule *s, double until)
{
    for (double at = now(); at < until; at = now()) {
        double next = fmin(next_due(s), until);
        for (int batch = 0; batch < EVENTS && next <= at && next < until; batch++) {
            ring(s);
            next = next_due(s);
        }
        double wait = fmin(next, until) - now();
        turn(wait > 0 ? (int)ceil(wait * 1e3) : 0);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void say(double seconds, double used)
{
    qsort(lags, lag_count, sizeof *lags, ascending);
    long rank = lag_count ? (long)ceil(lag_count * 0.99) - 1 : 0;
    printf("{\"rate\": %f, \"cpu_per_request\": %.9f, \"client_core\": %f, \"failures\": %ld, "
           "\"viewers\": %d, \"lag_p99\": %f, \"lag_max\": %f}\n",
           requests / seconds, used / (requests ? requests : 1), used / seconds, failures, count,
           lags[rank], lags[lag_count ? lag_count - 1 : 0]);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    cpu_set_t core;
    struct schedule s = {0};
    if (argc != 9) {
        fprintf(stderr, "viewers PORT PATH VIEWERS PERIOD RAMP SETTLE MEASURE CORE\n");
        return 2;
    }
    target.sin_family = AF_INET;
    target.sin_port = htons(atoi(argv[1]));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    path = argv[2];
    count = atoi(argv[3]);
    s.period = atof(argv[4]);
    double ramp = atof(argv[5]), settle = atof(argv[6]), measure = atof(argv[7]);
    CPU_ZERO(&core);
    CPU_SET(atoi(argv[8]), &core);
    sched_setaffinity(0, sizeof core, &core);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    loop = epoll_create1(0);
    viewers = calloc(count, sizeof *viewers);
    s.order = calloc(count, sizeof *s.order);
    s.at = calloc(count, sizeof *s.at);
    long room = (long)(count / s.period * (measure + 2)) + count;
    lags = calloc(room, sizeof *lags);
    s.gap = ramp / count;
    s.start = now();
    run(&s, s.start + ramp + settle);

    printf("measuring\n");
    fflush(stdout);
    requests = 0; /* failures count from the beginning: who was lost asks for nothing */
    lag_room = room;
    double at = now(), used = cpu();
    run(&s, at + measure);
    say(now() - at, cpu() - used);
    return 0;
}
