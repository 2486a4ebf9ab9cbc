import Yams
import ServiceLifecycle
import Metrics
