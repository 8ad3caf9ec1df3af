#include "reader.h"

enum { TURNS_MAX = 72, ANSWER_MAX = COMMAND_MAX };

struct tap { transmit send; void *self; };

/* Sends one command, fetches its whole answer into out: the number of data, -1 where it does not end with 9000. */
static long exchange_one(const struct tap *t, const uint8_t *command, size_t n, uint8_t out[ANSWER_MAX])
{
    static const uint8_t fetch[5] = {0x80, INS_GET_RESPONSE, 0, 0, 0};
    uint8_t part[258];
    size_t have = 0;
    for (;;) {
        long got = t->send(t->self, command, n, part, sizeof part);
        if (got < 2) return -1;
        size_t data = (size_t)got - 2;
        if (data > ANSWER_MAX - have) return -1;
        memcpy(out + have, part, data);
        have += data;
        if (part[data] == 0x90 && part[data + 1] == 0x00) return (long)have;
        if (part[data] != 0x61) return -1;
        command = fetch;
        n = sizeof fetch;
    }
}

/* Sends TURN with an answer, in links where it is long. */
static long turn(const struct tap *t, const uint8_t *data, size_t n, uint16_t status, uint8_t out[ANSWER_MAX])
{
    uint8_t command[5 + 255 + 1];
    while (n > 255) {
        uint8_t head[5] = {0x90, INS_TURN, (uint8_t)(status >> 8), (uint8_t)status, 255};
        memcpy(command, head, 5);
        memcpy(command + 5, data, 255);
        if (exchange_one(t, command, 5 + 255, out) != 0) return -1;
        data += 255;
        n -= 255;
    }
    uint8_t head[5] = {0x80, INS_TURN, (uint8_t)(status >> 8), (uint8_t)status, (uint8_t)n};
    size_t m = n == 0 ? 4 : 5;
    memcpy(command, head, m);
    memcpy(command + m, data, n);
    command[m + n] = 0;
    return exchange_one(t, command, m + n + 1, out);
}

void reader_meet(struct lock *l, transmit send, void *self)
{
    static const uint8_t select[15] = {0x00, 0xA4, 0x04, 0x00, 0x09, 0xF0, 'P', 'O', 'S', 'T', 'E', 'R', 'N', 0x81, 0x00};
    struct tap t = {send, self};
    uint8_t in[ANSWER_MAX], out[RESPONSE_MAX + 2];
    if (!l->powered || l->flash.off) return;
    lock_deselect(l);
    size_t n = 0;
    uint16_t status = SW_OK;
    if (exchange_one(&t, select, sizeof select, in) >= 0 && (n = lock_select_r(l, out)) > 0) {
        for (int i = 0; i < TURNS_MAX && !l->flash.off; i++) {
            long got = turn(&t, out, n, status, in);
            if (got < 2) break;
            status = lock_turn(l, (span){in, (size_t)got}, out, &n);
        }
    }
    lock_deselect(l);
}
