import { describeAwsFaults } from "./aws-suite.js";

describeAwsFaults("dynamic");
