/* Binding R: the lock is the reader (chapter 21). */
#ifndef CLOCK_READER_H
#define CLOCK_READER_H

#include "lock.h"

/* Sends a command to the phone; the bytes of its answer with the status word, -1 where the link is lost. */
typedef long (*transmit)(void *self, const uint8_t *command, size_t n, uint8_t *out, size_t most);

/* One tap, from SELECT until the phone has no further command or something is wrong. */
void reader_meet(struct lock *l, transmit send, void *self);

#endif
