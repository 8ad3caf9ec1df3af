// What the generated bindings use of Foundation, declared for a syntax check where
// there is no Xcode.  It is written from the public documentation and says nothing
// about Apple's headers beyond the signatures used here.
#ifndef FOUNDATION_STUB
#define FOUNDATION_STUB

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#define FOUNDATION_EXPORT extern
typedef signed char BOOL;
#define YES ((BOOL)1)
#define NO ((BOOL)0)
#define nil ((void *)0)
typedef unsigned long NSUInteger;
typedef long NSInteger;
typedef double NSTimeInterval;
typedef struct _NSZone NSZone;
@class NSString, NSDictionary, NSData, NSError, NSNumber;

@protocol NSObject
- (BOOL)isEqual:(id _Nullable)object;
- (BOOL)isKindOfClass:(Class _Nonnull)type;
- (BOOL)conformsToProtocol:(Protocol *_Nonnull)protocol;
@end

@interface NSObject <NSObject>
+ (instancetype _Nonnull)alloc;
+ (instancetype _Nonnull)new;
- (instancetype)init;
+ (Class _Nonnull)class;
- (void)dealloc;
- (id _Nonnull)copy;
@end

@interface NSString : NSObject
@property(readonly) NSUInteger length;
+ (instancetype _Nonnull)stringWithFormat:(NSString *_Nonnull)format, ...;
- (instancetype _Nullable)initWithBytesNoCopy:(void *_Nonnull)bytes length:(NSUInteger)length encoding:(NSUInteger)encoding freeWhenDone:(BOOL)free;
- (instancetype _Nullable)initWithBytes:(const void *_Nonnull)bytes length:(NSUInteger)length encoding:(NSUInteger)encoding;
- (NSData *_Nullable)dataUsingEncoding:(NSUInteger)encoding;
- (NSUInteger)lengthOfBytesUsingEncoding:(NSUInteger)encoding;
- (NSUInteger)maximumLengthOfBytesUsingEncoding:(NSUInteger)encoding;
typedef struct { NSUInteger location, length; } NSRange;
- (BOOL)getBytes:(void *_Nullable)buffer maxLength:(NSUInteger)max usedLength:(NSUInteger *_Nullable)used encoding:(NSUInteger)encoding options:(NSUInteger)options range:(NSRange)range remainingRange:(NSRange *_Nullable)left;
@end
enum { NSUTF8StringEncoding = 4 };
static inline NSRange NSMakeRange(NSUInteger location, NSUInteger length) {
	NSRange r = {location, length};
	return r;
}

@interface NSData : NSObject
@property(readonly) NSUInteger length;
@property(readonly) const void *_Nullable bytes;
+ (instancetype _Nonnull)data;
+ (instancetype _Nonnull)dataWithBytes:(const void *_Nullable)bytes length:(NSUInteger)length;
+ (instancetype _Nonnull)dataWithBytesNoCopy:(void *_Nonnull)bytes length:(NSUInteger)length freeWhenDone:(BOOL)free;
- (instancetype _Nonnull)initWithBytes:(const void *_Nullable)bytes length:(NSUInteger)length;
- (instancetype _Nonnull)initWithBytesNoCopy:(void *_Nonnull)bytes length:(NSUInteger)length freeWhenDone:(BOOL)free;
@end
@interface NSMutableData : NSData
@property(readonly) void *_Nonnull mutableBytes;
@end

@interface NSValue : NSObject
+ (instancetype _Nonnull)valueWithPointer:(const void *_Nullable)pointer;
@end
@interface NSNumber : NSValue
@property(readonly) int intValue;
+ (instancetype _Nonnull)numberWithInt:(int)value;
@end

@interface NSDictionary : NSObject
- (id _Nullable)objectForKey:(id _Nonnull)key;
- (id _Nullable)objectForKeyedSubscript:(id _Nonnull)key;
+ (instancetype _Nonnull)dictionaryWithObjects:(const id _Nonnull *_Nullable)objects forKeys:(const id _Nonnull *_Nullable)keys count:(NSUInteger)count;
@end
@interface NSMutableDictionary : NSDictionary
- (void)setObject:(id _Nonnull)object forKey:(id _Nonnull)key;
- (void)setObject:(id _Nullable)object forKeyedSubscript:(id _Nonnull)key;
- (void)removeObjectForKey:(id _Nonnull)key;
@end

extern NSString *_Nonnull const NSLocalizedDescriptionKey;
extern NSString *_Nonnull const NSInternalInconsistencyException;
@interface NSError : NSObject
@property(readonly) NSString *_Nonnull localizedDescription;
+ (instancetype _Nonnull)errorWithDomain:(NSString *_Nonnull)domain code:(NSInteger)code userInfo:(NSDictionary *_Nullable)info;
- (instancetype _Nonnull)initWithDomain:(NSString *_Nonnull)domain code:(NSInteger)code userInfo:(NSDictionary *_Nullable)info;
@end
@interface NSException : NSObject
+ (instancetype _Nonnull)exceptionWithName:(NSString *_Nonnull)name reason:(NSString *_Nullable)reason userInfo:(NSDictionary *_Nullable)info;
@end
extern void NSLog(NSString *_Nonnull format, ...);

#endif
