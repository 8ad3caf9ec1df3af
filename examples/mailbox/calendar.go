package main

import "time"

// day is a day of the story's year, 2027: the month times 100, and the day of the
// month.
type day int

// Days of the story.
const (
	movingIn  day = 227 // a Saturday
	monday    day = 301 // the first week
	tuesday   day = 302
	wednesday day = 303

	parcelDay  day = 416 // a Friday in spring
	blockDay   day = 420
	courierDay day = 421
	blockedDay day = 422
	liftDay    day = 423

	summer   day = 601 // when the neighbour gets a new grant
	friday   day = 611
	saturday day = 612

	leaving    day = 709 // for the holidays
	holiday    day = 712
	sitterDay  day = 802
	homecoming day = 815
	quarrel    day = 820
	denialDay  day = 823
	deniedDay  day = 824

	theftDay  day = 916 // in autumn
	carryDay  day = 1029
	readDay   day = 1030
	signing   day = 1216 // before the notary
	saleDay   day = 1217
	newYear   day = 1231
	lockerDay day = 1223
)

// at is a moment of the story, in UTC.  The library never asks a clock: every
// time in it is an argument.
func at(d day, hour, minute int) time.Time {
	return time.Date(2027, time.Month(d/100), int(d%100), hour, minute, 0, 0, time.UTC)
}

// Local time in Paris is ahead of UTC, in minutes.
const (
	winterTime = 60
	summerTime = 120
)
