/* rtpgen LEGS DSTPORT SRCPORT SECONDS: plays LEGS telephones on 127.0.0.1.
 *
 * Telephone i sends one 172-byte PCMA packet from port SRCPORT+2i to port DSTPORT+2i every 20 ms and counts what it
 * gets back. The load generator of the media benchmarks: one process, so that two cores can carry 1,500 legs and the
 * worker under test. Prints "tx N rx N". Stops by itself.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { PACKET = 172, SAMPLES = 160, PCMA = 8, SILENCE = 0xd5, TICK_NS = 20000000 };

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

static int open_leg(int from, int to) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in local = loopback(from), remote = loopback(to);
    if (fd < 0 || bind(fd, (void *)&local, sizeof local) || connect(fd, (void *)&remote, sizeof remote)) {
        perror("rtpgen");
        exit(1);
    }
    return fd;
}

static void stamp(unsigned char *packet, unsigned tick, unsigned leg) {
    unsigned time = tick * SAMPLES;
    packet[2] = tick >> 8, packet[3] = tick;
    packet[4] = time >> 24, packet[5] = time >> 16, packet[6] = time >> 8, packet[7] = time;
    packet[8] = leg >> 24, packet[9] = leg >> 16, packet[10] = leg >> 8, packet[11] = leg;
}

int main(int count, char **words) {
    if (count != 5) {
        fprintf(stderr, "usage: rtpgen LEGS DSTPORT SRCPORT SECONDS\n");
        return 2;
    }
    int legs = atoi(words[1]), to = atoi(words[2]), from = atoi(words[3]), ticks = atoi(words[4]) * 50;
    int *fd = malloc(legs * sizeof *fd);
    long sent = 0, received = 0;
    unsigned char packet[PACKET], heard[2048];
    memset(packet, SILENCE, PACKET);
    packet[0] = 0x80, packet[1] = PCMA;
    for (int leg = 0; leg < legs; leg++) fd[leg] = open_leg(from + 2 * leg, to + 2 * leg);
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due);
    for (int tick = 0; tick < ticks; tick++) {
        for (int leg = 0; leg < legs; leg++) {
            stamp(packet, tick, leg);
            sent += send(fd[leg], packet, PACKET, 0) > 0;
            while (recv(fd[leg], heard, sizeof heard, 0) > 0) received++;
        }
        due.tv_nsec += TICK_NS;
        if (due.tv_nsec >= 1000000000) due.tv_nsec -= 1000000000, due.tv_sec++;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    }
    printf("tx %ld rx %ld\n", sent, received);
    return 0;
}
