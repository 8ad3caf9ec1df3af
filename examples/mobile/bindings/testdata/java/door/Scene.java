package door;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.posternlock.postern.*;
import org.posternlock.simulated.Lock;
import org.posternlock.simulated.Simulated;
import org.posternlock.simulated.World;

/** A world with a lock and phones, for the tests. */
final class Scene {
	final World world = Simulated.newWorld();
	final Lock lock;
	final Shelf vault = new Shelf();
	final Trust trust;

	Scene(boolean vacant) throws Exception {
		lock = Simulated.newLock(world, vacant);
		Blobs roots = new Blobs(), makers = new Blobs();
		roots.add(world.root());
		makers.add(world.maker());
		trust = Postern.newTrust(roots, makers);
	}

	/** A key of the JDK, as Keystore keeps one. */
	static final class JavaKey implements Key {
		final KeyPair pair;
		final String algorithm;
		volatile String refusal;

		JavaKey(boolean ed) throws Exception {
			pair = KeyPairGenerator.getInstance(ed ? "Ed25519" : "EC").generateKeyPair();
			algorithm = ed ? "Ed25519" : "SHA256withECDSA";
		}

		@Override public byte[] publicKey() { return pair.getPublic().getEncoded(); }

		@Override public byte[] sign(byte[] message) throws Exception {
			if (refusal != null) {
				throw new SecurityException(refusal);
			}
			Signature s = Signature.getInstance(algorithm);
			s.initSign(pair.getPrivate());
			s.update(message);
			return s.sign();
		}
	}

	/** A vault and a memory in RAM; what is not there is null. */
	static final class Shelf implements Vault, Memory {
		final Map<String, byte[]> all = new ConcurrentHashMap<>();

		@Override public byte[] load(String name) { return all.get(name); }
		@Override public void store(String name, byte[] data) { all.put(name, data.clone()); }
		@Override public void delete(String name) { all.remove(name); }
	}

	/** The lock as a tag. */
	Tag tag() {
		return lock::transceive;
	}

	Phone phone(Key key) throws Exception {
		Platform platform = new Platform();
		platform.setKey(key);
		platform.setVault(vault);
		platform.setMemory(new Shelf());
		platform.setClock(world::now);
		platform.setExtended(true);
		return Postern.newPhone(platform, trust);
	}

	/** A phone that may open. */
	Phone guest(Key key) throws Exception {
		Phone phone = phone(key);
		Blobs grants = new Blobs();
		grants.add(world.guest(phone.requestLink()));
		phone.setPass(Postern.newPass(grants, null, null));
		return phone;
	}
}
