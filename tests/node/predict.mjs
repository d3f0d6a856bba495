// Loads networks as a page would, with tf.loadLayersModel over HTTP, and prints what they say.
// Arguments: the address of a JSON list of digits (n, 28, 28, 1), then those of model.json files.
import * as tf from "@tensorflow/tfjs";

const [digitsUrl, ...models] = process.argv.slice(2);
const digits = await (await fetch(digitsUrl)).json();
await tf.setBackend("cpu");
const said = {};
for (const url of models) {
  const model = await tf.loadLayersModel(url);
  const metadata = model.getUserDefinedMetadata();
  const input = tf.tensor4d(digits).mul(metadata.scale);
  said[url] = { probabilities: await model.predict(input).array(), parameters: model.countParams() };
}
process.stdout.write(JSON.stringify(said));
