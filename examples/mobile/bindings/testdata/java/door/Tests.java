package door;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.*;
import org.posternlock.postern.*;
import org.posternlock.simulated.Simulated;

/** The library as an app on Android calls it, on a desktop JVM. */
public final class Tests {
	interface Test { void run() throws Exception; }

	public static void main(String[] args) {
		test("guest opens with P-256", () -> opens(false));
		test("guest opens with Ed25519", () -> opens(true));
		test("second tap resumes", Tests::resumes);
		test("refusal is a result", Tests::refusal);
		test("exceptions carry codes", Tests::exceptions);
		test("what a tag throws ends the tap", Tests::tagThrows);
		test("what a key throws ends the tap", Tests::keyThrows);
		test("lost field", Tests::lostField);
		test("cancel from another thread", Tests::cancel);
		test("many threads", Tests::threads);
		test("powered lock reads the phone", Tests::card);
		test("owner moves in, grants and reads the log", Tests::owner);
		test("1000 taps leak nothing", Tests::leak);
		System.out.println("all passed");
		System.exit(0);
	}

	/** Ends the program at the first fault: Go's threads, which are attached, would keep it. */
	static void test(String name, Test body) {
		try {
			body.run();
		} catch (Throwable fault) {
			System.out.println("failed " + name);
			fault.printStackTrace(System.out);
			System.exit(1);
		}
		System.out.println("ok " + name);
	}

	static void require(boolean good, Object says) {
		if (!good) {
			throw new AssertionError(says);
		}
	}

	static void equal(Object want, Object got) {
		require(want.equals(got), "want " + want + ", got " + got);
	}

	/** Requires an exception with the code. */
	static void fails(String code, Test body) {
		try {
			body.run();
		} catch (Exception e) {
			equal(code, Postern.errorCode(e.getMessage()));
			return;
		}
		throw new AssertionError("nothing was thrown, want " + code);
	}

	static void opens(boolean ed) throws Exception {
		Scene s = new Scene(false);
		Result r = s.guest(new Scene.JavaKey(ed)).open(s.tag(), Postern.OperationOpen, null);
		require(r.opened() && r.answered(), r.detail());
		equal(Postern.OutcomeOpened, r.outcome());
		equal(Postern.AdviceNone, r.advice());
		equal(s.world.lockID(), r.lock());
		equal(1L, s.lock.driven());
		require(r.receipt() == null && r.notice() == null, "none was given");
	}

	static void resumes() throws Exception {
		Scene s = new Scene(false);
		Phone phone = s.guest(new Scene.JavaKey(false));
		phone.open(s.tag(), Postern.OperationOpen, null);
		equal(1, s.vault.all.size());
		Result r = phone.open(s.tag(), Postern.OperationOpen, null);
		require(r.opened(), r.detail());
		equal(2L, r.pairs());
	}

	static void refusal() throws Exception {
		Scene s = new Scene(false);
		Result r = s.guest(new Scene.JavaKey(false)).open(s.tag(), Postern.OperationDeliver, null);
		equal(Postern.OutcomeRefused, r.outcome());
		equal("action", r.reason());
		require(!r.adviceText().isEmpty(), "no advice");
	}

	static void exceptions() throws Exception {
		Scene s = new Scene(false);
		Phone phone = s.guest(new Scene.JavaKey(false));
		fails(Postern.CodeArgument, () -> phone.open(s.tag(), "unlock", null));
		fails(Postern.CodeArgument, () -> phone.open(null, Postern.OperationOpen, null));
		fails(Postern.CodeArgument, () -> Postern.newPhone(null, s.trust));
		fails(Postern.CodeArgument, () -> new Phone(new Platform(), s.trust));
		fails("malformed", () -> Postern.parsePass("postern:pass/AAAA"));
		fails(Postern.CodeState, () -> Postern.loadBox(phone, s.world.lockID()));
		Platform broken = new Platform();
		broken.setKey(new Key() {
			@Override public byte[] publicKey() { throw new IllegalStateException("no such alias"); }
			@Override public byte[] sign(byte[] message) { return null; }
		});
		fails(Postern.CodeKey, () -> Postern.newPhone(broken, s.trust));
		Stop stop = new Stop();
		stop.cancel();
		fails(Postern.CodeCancelled, () -> phone.open(s.tag(), Postern.OperationOpen, stop));
	}

	static void tagThrows() throws Exception {
		Scene s = new Scene(false);
		Phone phone = s.guest(new Scene.JavaKey(false));
		List<Tag> tags = List.of(
			command -> { throw new IOException("Tag was lost."); },
			command -> { throw new SecurityException("Tag was lost."); },
			command -> { throw new NullPointerException(); },
			command -> null,
			command -> new byte[1],
			command -> { throw new StackOverflowError(); });
		for (Tag tag : tags) {
			Result r = phone.open(tag, Postern.OperationOpen, null);
			require(!r.answered() && !r.opened(), r.outcome());
			equal(Postern.OutcomeRefused, r.outcome());
			require(!r.code().isEmpty() && !r.code().equals(Postern.CodeInternal), r.detail());
		}
		require(phone.open(s.tag(), Postern.OperationOpen, null).opened(), "the next tap opens");
	}

	static void keyThrows() throws Exception {
		Scene s = new Scene(false);
		Scene.JavaKey key = new Scene.JavaKey(false);
		Phone phone = s.guest(key);
		key.refusal = "User not authenticated";
		Result r = phone.open(s.tag(), Postern.OperationOpen, null);
		equal(Postern.CodeKey, r.code());
		require(r.detail().contains("User not authenticated"), r.detail());
		equal(0L, s.lock.driven());
		s.lock.leave();
		key.refusal = null;
		require(phone.open(s.tag(), Postern.OperationOpen, null).opened(), "the next tap opens");
	}

	static void lostField() throws Exception {
		for (boolean after : new boolean[] {false, true}) {
			for (int command = 1; command <= 3; command++) {
				Scene s = new Scene(false);
				Phone phone = s.guest(new Scene.JavaKey(false));
				s.lock.loseAt(command, after);
				Result r = phone.open(s.tag(), Postern.OperationOpen, null);
				if (r.opened()) {
					equal(1L, s.lock.driven()); // it began again by itself
				} else {
					equal(Postern.OutcomeUnconfirmed, r.outcome());
					equal(Postern.AdviceLook, r.advice());
					equal(after ? 1L : 0L, s.lock.driven());
				}
				require(phone.open(s.tag(), Postern.OperationOpen, null).opened(), "the next tap opens");
			}
		}
	}

	static void cancel() throws Exception {
		Scene s = new Scene(false);
		Phone phone = s.guest(new Scene.JavaKey(false));
		Stop stop = new Stop();
		CountDownLatch inside = new CountDownLatch(1), closed = new CountDownLatch(1);
		ExecutorService worker = Executors.newSingleThreadExecutor();
		Future<Result> tap = worker.submit(() -> phone.open(command -> {
			inside.countDown();
			closed.await();
			throw new IOException("the tag was closed");
		}, Postern.OperationOpen, stop));
		inside.await();
		stop.cancel();
		closed.countDown(); // IsoDep.close
		Result r = tap.get(10, TimeUnit.SECONDS);
		require(!r.answered(), r.outcome());
		equal(Postern.OutcomeRefused, r.outcome());
		require(phone.open(s.tag(), Postern.OperationOpen, new Stop()).opened(), "the phone's turn is given back");
		worker.shutdown();
	}

	static void threads() throws Exception {
		Scene s = new Scene(false);
		Phone phone = s.guest(new Scene.JavaKey(false));
		ExecutorService workers = Executors.newFixedThreadPool(4);
		List<Future<Boolean>> taps = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			taps.add(workers.submit(() -> {
				phone.expect(s.world.lockID());
				return phone.open(s.tag(), Postern.OperationOpen, null).opened();
			}));
		}
		for (Future<Boolean> tap : taps) {
			require(tap.get(), "a tap failed");
		}
		equal(40L, s.lock.driven());
		workers.shutdown();
	}

	static void card() throws Exception {
		Scene s = new Scene(false);
		Phone phone = s.guest(new Scene.JavaKey(false));
		phone.expect(s.world.lockID());
		BlockingQueue<Result> told = new LinkedBlockingQueue<>();
		Card card = phone.card(Postern.newAsk(Postern.OperationOpen), null, told::add);
		for (int i = 0; i < 2; i++) {
			s.lock.read(command -> onAThread(() -> card.process(command)));
			require(told.take().opened(), "the phone was read");
		}
		equal(2L, s.lock.driven());
		card.reset();
	}

	/** Binder threads of Android take turns. */
	static <T> T onAThread(Callable<T> work) throws Exception {
		FutureTask<T> task = new FutureTask<>(work);
		new Thread(task).start();
		return task.get();
	}

	static void owner() throws Exception {
		Scene s = new Scene(true);
		Phone mine = s.phone(new Scene.JavaKey(false));
		Box box = Postern.newBox(mine, s.world.lockID());
		equal(Postern.AdviceSecret, box.moveIn(s.tag(), new byte[16], null).advice());
		Result r = box.moveIn(s.tag(), s.world.setup(), null);
		equal(Postern.OutcomeDone, r.outcome());
		require(r.change().policy() != null, "no policy");
		Phone anna = s.phone(new Scene.JavaKey(true));
		Pass pass = box.grant("Anna \u2013 \u00e9\ud83d\ude00", anna.requestLink(), Postern.newTerms(Postern.ActionOpen, s.world.now() + 3600));
		anna.setPass(Postern.parsePass(pass.link()));
		require(anna.open(s.tag(), Postern.OperationOpen, null).opened(), "Anna opens");
		box.block(true, false);
		require(box.visit(s.tag(), Postern.OperationOpen, null).opened(), "the owner opens");
		equal("blocked", anna.open(s.tag(), Postern.OperationOpen, null).reason());
		Line line = box.lines().at(1);
		equal("Anna \u2013 \u00e9\ud83d\ude00", line.name());
		equal("guest", line.who());
		require(box.lines().at(99) == null, "there is none");
		fails(Postern.CodeGuest, () -> box.withdraw("0011223344556677"));
		box.withdraw(box.guests().at(0).id());
		require(box.guests().at(0).withdrawn(), "withdrawn");
	}

	/** Counts the objects that one side keeps for the other, as the support code does. */
	static int[] kept() throws Exception {
		Field tracker = Class.forName("go.Seq").getDeclaredField("tracker");
		Field queue = Class.forName("go.Seq").getDeclaredField("goRefQueue");
		tracker.setAccessible(true);
		queue.setAccessible(true);
		Field java = tracker.get(null).getClass().getDeclaredField("javaRefs");
		Field refs = queue.get(null).getClass().getDeclaredField("refs");
		java.setAccessible(true);
		refs.setAccessible(true);
		return new int[] {
			((java.util.Map<?, ?>) java.get(tracker.get(null))).size(),
			((Collection<?>) refs.get(queue.get(null))).size(),
		};
	}

	/** Lets both collectors run until the counts fall to the bounds, or ten seconds. */
	static int[] settle(int java, int go) throws Exception {
		int[] now = kept();
		for (long end = System.nanoTime() + 10_000_000_000L; System.nanoTime() < end && (now[0] > java || now[1] > go);) {
			System.gc();
			Simulated.collect();
			Thread.sleep(50);
			now = kept();
		}
		return now;
	}

	static void leak() throws Exception {
		Scene s = new Scene(false);
		Phone phone = s.guest(new Scene.JavaKey(false));
		phone.open(s.tag(), Postern.OperationOpen, null);
		int[] before = settle(20, 20);
		long heap = Simulated.collect();
		for (int i = 0; i < 1000; i++) {
			Tag tag = command -> s.lock.transceive(command);
			Result r = phone.open(tag, Postern.OperationOpen, new Stop());
			require(r.opened(), r.detail());
		}
		int[] after = settle(before[0] + 5, before[1] + 5);
		long grown = Simulated.collect() - heap;
		require(after[0] <= before[0] + 5, "Java objects kept for Go: " + before[0] + " before, " + after[0] + " after");
		require(after[1] <= before[1] + 5, "Go objects kept for Java: " + before[1] + " before, " + after[1] + " after");
		require(grown < 1 << 20, "Go's heap has grown by " + grown + " bytes");
		System.out.println("kept for the other side before and after: " + before[0] + " and " + after[0] + " of Java's, "
			+ before[1] + " and " + after[1] + " of Go's; Go's heap: " + grown + " bytes more");
	}
}
