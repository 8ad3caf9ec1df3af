/* What a lock does at an opening, sections 7.5, 7.8, 15.2 to 15.4, 17.4 and
   17.5, while its power is cut whenever one likes: one counted grant
   [ COUNT, STARTS ], whose holder may keep a slot, and somebody else who knows
   every secret that was left.  One line: a run and the properties it refutes. */

/*= intact: */
/*= TORN_COMMIT: whole */
/*= DRIVE_FIRST: logged uses_bounded secret_once */
/*= USES_AFTER: whole uses_bounded */
/*= STARTS_UNBOUNDED: uses_bounded */
/*= CONFIRMED_AGAIN: confirmed_bounded uses_bounded */
/*= NO_RETRY: not_robbed */
/*= SLOT_AFTER: whole secret_once slot_bounded */
/*= SLOT_BEFORE: whole */
/*= SLOT_ENDLESS: slot_bounded */
/*= DRIVES_AGAIN: drive_once secret_once slot_bounded */
/*= PHONE_AHEAD: phone_follows */
/*= CUT_REWINDS: sequence_rises logged */

#define TAPS   5  /* in all */
#define COUNT  2
#define STARTS 2
#define SLOT   2  /* openings that a slot is good for */

/* The lock's lasting memory, and what is true of the world. */
byte sequence;          /* of the log */
byte used, starts;      /* use record, section 17.4 */
byte line, step, left;  /* slot: which full exchange made it, RS_step, openings left */
byte before;            /* sequence one commit ago, for CUT_REWINDS */

byte lines;             /* full exchanges that made a slot */
byte drives, entries;   /* the bolt was driven; entries "started" that stand in the log */
byte begun, stepped, resumptions; /* starts counted; steps of slots; openings by RESUME */
byte confirmed, given_up;         /* uses confirmed; uses left behind after STARTS starts */
byte drives_now;        /* in this transaction */
byte by_line;           /* openings with the slot */
byte top;               /* highest sequence number ever */
bool again, robbed;     /* a secret drove twice; a use was refused too early */
bool secret_drove[TAPS * 4];
byte phone_line, phone_step, phone_left;

/* The commit is atomic: power is cut before it or after it. */
#define CUT if :: true :: goto off fi

/* Section 17.4, steps 3 to 6. */
inline count_use() {
  used = u; starts = st; begun++
}

/* Section 15.2: RESUME steps the slot, a full exchange makes or ends it. */
inline step_slot() {
  if
  :: resumed -> step++; stepped++;
#ifndef SLOT_ENDLESS
     left--
#endif
  :: !resumed && flag -> lines++; line = lines; step = 0; left = SLOT; by_line = 0
  :: else -> left = 0
  fi
}

inline write_log() {
  before = sequence; sequence++;
  if :: sequence > top -> top = sequence :: else fi
}

inline drive() {
  d_step {
    drives++; drives_now++;
    if
    :: resumed ->
       if :: secret_drove[l * 4 + s] -> again = true :: else -> secret_drove[l * 4 + s] = true fi
    :: else
    fi
  }
}

active proctype world() {
  byte taps, u, st, l, s, requests;
  bool resumed, flag, thief, was_driven;

next_tap:
  true;
  d_step { drives_now = 0; was_driven = false; requests = 0; thief = false; resumed = false; flag = false; l = 0; s = 0 }
  if
  :: taps == TAPS -> goto done
  :: else -> taps++
  fi;
  if
  :: flag = true
  :: skip
  :: phone_left > 0 -> d_step { resumed = true; l = phone_line; s = phone_step }
  :: line > 0 && step > 0 -> d_step { resumed = true; thief = true; l = line; s = step - 1 }
  :: line > 1 -> d_step { resumed = true; thief = true; l = line - 1 }
  fi;
#ifdef PHONE_AHEAD
  if :: resumed && !thief -> d_step { phone_step++; phone_left-- } :: else fi;
#endif
  if
  :: resumed && !(left > 0 && line == l && step == s) -> goto off  /* 6982 */
  :: else
  fi;

request:
  requests++;
#ifndef DRIVES_AGAIN
  if :: was_driven -> goto off :: else fi;
#endif
  if
#ifdef STARTS_UNBOUNDED
  :: starts > 0 -> u = used; st = starts
#elif defined(NO_RETRY)
  :: false
#else
  :: starts > 0 && starts < STARTS -> u = used; st = starts + 1
#endif
#ifdef CONFIRMED_AGAIN
  :: else -> u = used; st = 1
#else
  :: else ->
     if
     :: used >= COUNT ->
        if :: confirmed + given_up + (starts >= STARTS) < COUNT -> robbed = true :: else fi;
        goto answer
     :: else -> u = used + 1; st = 1
     fi
#endif
  fi;
  CUT;
#ifdef DRIVE_FIRST
  drive();
  CUT;
#endif
#ifdef SLOT_BEFORE
  d_step { step_slot() };
  CUT;
#endif
#ifdef TORN_COMMIT
  d_step { write_log(); entries++; if :: resumed -> resumptions++ :: else fi };
  CUT;
  d_step { if :: st == 1 && starts >= STARTS -> given_up++ :: else fi; count_use(); step_slot(); if :: resumed -> by_line++ :: else fi };
#else
  d_step {  /* the commit of the opening, section 7.8, step 1 */
    write_log(); entries++;
    if :: resumed -> resumptions++ :: else fi;
#ifndef USES_AFTER
    if :: st == 1 && starts >= STARTS -> given_up++ :: else fi;
    count_use();
#endif
#if !defined(SLOT_AFTER) && !defined(SLOT_BEFORE)
    step_slot();
#endif
    if :: resumed -> by_line++ :: else fi
  };
#endif
  CUT;
#ifndef DRIVE_FIRST
  drive();
#endif
  was_driven = true;
  CUT;
  if
  :: d_step {  /* the bolt moved: the commit of the confirmation */
#ifdef USES_AFTER
       count_use();
#endif
       starts = 0; confirmed++ }
  :: d_step { write_log() }  /* it did not: the commit of the failure */
  fi;
#ifdef SLOT_AFTER
  CUT;
  d_step { step_slot() };
#endif

answer:
  CUT;
  if
  :: thief || !was_driven
  :: !thief && was_driven && requests == 1 ->
     d_step {  /* section 15.4 */
       if
       :: resumed ->
#ifndef PHONE_AHEAD
          phone_step++;
#endif
#if !defined(PHONE_AHEAD) && !defined(SLOT_ENDLESS)
          phone_left--
#endif
       :: !resumed && flag -> phone_line = line; phone_step = 0; phone_left = SLOT
       :: else -> phone_left = 0
       fi
     }
  :: !thief && was_driven && requests > 1
  fi;
  if
  :: requests < 2 -> goto request
  :: true
  fi;

off:
#ifdef CUT_REWINDS
  if :: sequence = before :: true fi;
#endif
  goto next_tap;
done:
}

/* So that nothing holds for want of openings. */
ltl reach_all { [] !(used == COUNT && confirmed == COUNT && drives > COUNT) }
ltl reach_resumed { [] !(resumptions == SLOT && drives == SLOT + 1) }

/* PST-MEM-002, PST-RES-010: log, uses and slot change together. */
ltl whole { [] (begun == entries && stepped == resumptions) }
/* PST-DEC-021, PST-LOG-006: no drive without an entry. */
ltl logged { [] (drives <= entries && entries <= sequence) }
/* PST-MEM-010: the sequence number does not fall. */
ltl sequence_rises { [] (sequence >= top) }
/* PST-DEC-033. */
ltl drive_once { [] (drives_now <= 1) }
/* PST-USE-007 and section 17.5: what a cut can gain has this bound. */
ltl uses_bounded { [] (drives <= COUNT * STARTS) }
ltl confirmed_bounded { [] (confirmed <= COUNT) }
/* Section 17.5: nobody loses a use that was neither confirmed nor started STARTS times. */
ltl not_robbed { [] !robbed }
/* PST-RES-010: a secret that was left drives no bolt any more. */
ltl secret_once { [] !again }
/* PST-RES-014: a slot ends after SLOT openings. */
ltl slot_bounded { [] (by_line <= SLOT) }
/* PST-RES-012: on one line the lock is where the phone is, or one further. */
ltl phone_follows { [] (phone_line != line || left == 0 || phone_left == 0 || step == phone_step || step == phone_step + 1) }
