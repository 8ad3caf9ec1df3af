// Package holdertest is a phone for testers of locks: it goes through the exchange
// step by step, says what is wrong with every answer, and can send whatever a
// hostile phone could.  No product imports it.
//
// # Layers
//
// A step makes bytes layer by layer, and each layer can be altered:
//
//   - Phone.Alter holds functions by the name of a [Value]: fields of message_1,
//     inputs of the transcript, signatures, the request's map, what is sealed, the
//     data of the command.  Package credentialtest makes such functions.
//   - Phone.Command alters the command: class, instruction, parameters, data, Le.
//   - Phone.APDUs alters the APDUs that the command is sent in, as bytes.
//   - Phone.Fetch makes the GET RESPONSE commands.
//   - [Phone.Transceive] sends any bytes.
//
// Alterations stay until they are taken out.  A step takes what it sends from the
// altered values, so that each fault stands alone.
//
// # Answers
//
// Every step returns what came, decoded as far as it goes.  Its Faults name what
// is against the standard, each with the requirement.  The error of a step is a
// fault of the tester: a step before its time, or an alteration that leaves
// nothing to go on with.  A link that gave no answer is no error but Reply.Lost.
package holdertest
