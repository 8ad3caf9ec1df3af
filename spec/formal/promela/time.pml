/* What a lock knows of the time and what it makes of it, sections 7.6, 7.7, 16.2
   to 16.5 and 16.7.  Time is counted in ticks of the world.  Authorities are
   honest: a token says when it was signed.  Everything else is not: tokens are
   asked for and kept as one likes, and power is cut whenever one likes.  The
   lock's oscillator can be a tick fast, and slow by one in SLOW: a third here
   and a tenth in PST-TIME-021, so that the numbers stay small. */

/*= intact: */
/*= LIVE_FOR_GOOD: live_bounded */
/*= NONCE_UNCOMPARED: live_bounded */
/*= STATED_IS_LIVE: live_bounded */
/*= TOO_SLOW: live_bounded */
/*= EXP_INCLUDED: live_bounded exp_kept */
/*= SECONDS_ADDED: nbf_kept */
/*= FLOOR_UNSAVED: floor_rises exp_kept worn_slowly */
/*= FLOOR_FALLS: floor_rises exp_kept worn_slowly */
/*= SMALL_STEPS: worn_slowly */
/*= STATED_OUTDATED: stated_current */
/* No mutant of the rules: section 16.7 as its words are, 60 seconds of the
   world, where PST-TIME-021 lets the lock's oscillator take a ninth more. */
/*= SIXTY_OF_THE_WORLD: live_bounded */

#define LAST  8   /* the world ends */
#define LIVE  4   /* limits/live-seconds */
#define SLOW  3
#define STEP  3   /* limits/token-seconds */
#define EXP   2   /* of a grant */
#define NBF   5   /* of another */

#ifdef SIXTY_OF_THE_WORLD
#define BOUND (LIVE + 1)
#else
#define BOUND (LIVE * SLOW / (SLOW - 1))
#endif

byte now = 1;
byte floor = 1;          /* in lasting memory */
byte writes;             /* commits for a token */
bool fell, reached_exp;  /* it is before what it was; it was at EXP or later */
bool late;               /* the grant that asks for live time opened so late after EXP */
bool expired, early, outdated; /* opened against the floor; before NBF; by a stated time before the floor */
bool drove_late, drove_stated; /* opened by live time after EXP, by a stated time */

/* The transaction. */
bool selected;
byte measured, missed;   /* ticks since SELECT by the lock, and those that it missed */
bool fast;
byte token;              /* time of the token that was taken last, 0 for none */
bool live;               /* and it has this nonce */

/* What visitors have: a stated token, and one over a nonce. */
byte stated, answered;
bool mine;               /* the nonce is that of this transaction */

#ifdef LIVE_FOR_GOOD
#define IS_LIVE (live)
#else
#define IS_LIVE (live && measured <= LIVE)
#endif

inline rise(time) {
  if :: time < floor -> fell = true :: else fi;
  floor = time;
  if :: floor >= EXP -> reached_exp = true :: else fi
}

inline forget() {
  selected = false; measured = 0; missed = 0; fast = false; token = 0; live = false; mine = false;
#ifdef FLOOR_UNSAVED
  if :: floor > 1 -> rise(1) :: else fi
#endif
}

/* Section 16.3, behind its steps. */
inline take(time, with_nonce) {
  token = time; live = with_nonce;
#ifdef STATED_IS_LIVE
  live = true;
#endif
  if
#ifdef SMALL_STEPS
  :: time > floor -> rise(time); if :: writes <= LAST / STEP -> writes++ :: else fi
#elif defined(FLOOR_FALLS)
  :: time != floor -> rise(time); if :: writes <= LAST / STEP -> writes++ :: else fi
#else
  :: time >= floor + STEP -> rise(time); if :: writes <= LAST / STEP -> writes++ :: else fi
#endif
  :: else
  fi
}

/* Section 16.2. */
inline prove() {
  proven = floor;
  if
#ifdef SECONDS_ADDED
  :: IS_LIVE && token + measured > floor -> proven = token + measured
#else
  :: IS_LIVE && token > floor -> proven = token
#endif
  :: else
  fi
}

active proctype world() {
  byte proven;

  do
  :: atomic { now < LAST -> now++;
       if
       :: selected && measured <= LIVE ->
          if
          :: measured++
          :: !fast && missed == 0 -> measured = measured + 2; fast = true
#ifdef TOO_SLOW
          :: missed < LIVE -> missed++
#else
          :: !fast && SLOW * (missed + 1) <= measured + missed + 1 -> missed++
#endif
          fi
       :: else
       fi }
  :: d_step { forget() }                        /* power is cut */
  :: d_step { forget(); selected = true }       /* SELECT */
  :: stated = now                               /* an authority states the time */
  :: d_step { selected -> answered = now; mine = true }
  :: atomic { selected && now > floor -> d_step { rise(now) } } /* an operator's grant of today */

  /* A token is handed over. */
#ifdef FLOOR_FALLS
  :: d_step { selected && stated > 0 -> take(stated, false) }
#else
  :: d_step { selected && stated >= floor -> take(stated, false) }
#endif
#ifdef NONCE_UNCOMPARED
  :: d_step { selected && answered > 0 && measured <= LIVE -> take(answered, true) }
#else
  :: d_step { selected && mine && measured <= LIVE -> take(answered, true) }
#endif

  /* A grant until EXP that asks for live time. */
  :: d_step { selected && IS_LIVE -> prove();
#ifdef EXP_INCLUDED
       if :: proven <= EXP && now >= EXP -> drove_late = true;
#else
       if :: proven < EXP && now >= EXP -> drove_late = true;
#endif
          if :: now - EXP >= BOUND -> late = true :: else fi
       :: else
       fi; proven = 0 }
  /* One that asks for nothing. */
  :: d_step { selected -> prove();
#ifdef EXP_INCLUDED
       if :: proven <= EXP && reached_exp -> expired = true :: else fi;
#else
       if :: proven < EXP && reached_exp -> expired = true :: else fi;
#endif
       if :: proven >= NBF && now < NBF -> early = true :: else fi; proven = 0 }
  /* One with a schedule and evidence stated. */
#ifdef STATED_OUTDATED
  :: d_step { selected && token > 0 -> drove_stated = true;
#else
  :: d_step { selected && token > 0 && (IS_LIVE || token >= floor) -> drove_stated = true;
#endif
       if :: !live && token < floor -> outdated = true :: else fi }
  od
}

ltl reach_live { [] !drove_late }
ltl reach_stated { [] !drove_stated }

/* Section 16.7: how long a grant that asks for live time outlives its exp. */
ltl live_bounded { [] !late }
/* Section 16.7: and any grant, no longer than until the floor has reached exp; PST-DEC-037. */
ltl exp_kept { [] !expired }
/* Section 7.6, PST-TIME-013: nbf is kept exactly, now is never before what is proven. */
ltl nbf_kept { [] (!early && floor <= now) }
/* PST-MEM-010. */
ltl floor_rises { [] !fell }
/* PST-TIME-030: tokens wear the lock no faster than this. */
ltl worn_slowly { [] (writes * STEP < now) }
/* Section 16.2, step 3: a stated time is not earlier than the floor in force. */
ltl stated_current { [] !outdated }
