package door;

import org.posternlock.postern.*;
import org.posternlock.simulated.Simulated;

/** What calls across the border cost, in nanoseconds. */
public final class Bench {
	interface Work { void run(int times) throws Exception; }

	public static void main(String[] args) throws Exception {
		Scene s = new Scene(false);
		Phone phone = s.guest(new Scene.JavaKey(true));
		Result r = phone.open(s.tag(), Postern.OperationOpen, null);
		measure("getter of a number, Java to Go", 200_000, n -> { for (int i = 0; i < n; i++) r.pairs(); });
		measure("getter of a text, Java to Go", 100_000, n -> { for (int i = 0; i < n; i++) r.outcome(); });
		measure("callback with 5 bytes each way, Go to Java", 20_000, n -> Simulated.knock(command -> command, n));
		measure("resumed tap, keys and tag in Java", 300, n -> {
			for (int i = 0; i < n; i++) phone.open(s.tag(), Postern.OperationOpen, null);
		});
		System.exit(0);
	}

	static void measure(String name, int times, Work work) {
		try {
			System.out.printf("%-45s %9d ns%n", name, best(times, work));
		} catch (Throwable fault) {
			fault.printStackTrace(System.out);
			System.exit(1);
		}
	}

	static long best(int times, Work work) throws Exception {
		work.run(times); // warm
		long best = Long.MAX_VALUE;
		for (int i = 0; i < 5; i++) {
			long start = System.nanoTime();
			work.run(times);
			best = Math.min(best, (System.nanoTime() - start) / times);
		}
		return best;
	}
}
